import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { errors } from '../errors.ts'

/** The account a PostgreSQL server runs as. */
export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

const candidates = ['postgres', 'nobody', '_postgres', 'daemon']

/**
 * PostgreSQL refuses to run as root. When we are root, this is another account of the system to run it as;
 * otherwise undefined: we run it as ourselves. Throws DATA_NO_ACCOUNT.
 */
export function accountForServer(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const entries = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
  for (const name of candidates) {
    const entry = entries.find(fields => fields[0] === name)
    const uid = Number(entry?.[2])
    const gid = Number(entry?.[3])
    if (entry && uid > 0 && gid > 0) return { name, uid, gid }
  }
  throw errors.DATA_NO_ACCOUNT({ tried: candidates.join(', ') })
}

/** What `spawn` needs to run something as the account. */
export function identity(account: Account | undefined): { uid?: number; gid?: number } {
  return account ? { uid: account.uid, gid: account.gid } : {}
}

/** True if the account can enter the folder; tried for real, so that access lists and mounts count too. */
export function canEnter(account: Account | undefined, folder: string): boolean {
  if (!account) return true
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], {
    cwd: '/',
    stdio: 'ignore',
    ...identity(account),
  })
  return tried.status === 0
}
