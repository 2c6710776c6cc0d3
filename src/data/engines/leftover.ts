import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { errors } from '../errors.ts'

/** The process that started the server, told apart from a later process of the same number by when it began. */
interface Owner {
  readonly pid: number
  readonly began: string
}

const ownerFile = (folder: string): string => `${folder}.owner.json`

/** Notes that this process runs the server on `folder`. */
export function claimFolder(folder: string): void {
  const owner: Owner = { pid: process.pid, began: beganAt(process.pid) ?? '' }
  writeFileSync(ownerFile(folder), JSON.stringify(owner))
}

export function releaseFolder(folder: string): void {
  rmSync(ownerFile(folder), { force: true })
}

/**
 * Clears what a killed supervisor or server left on the folder, so that a new server can start:
 * - a server whose supervisor still lives: throws DATA_FOLDER_IN_USE;
 * - a server without its supervisor: stopped (fast shutdown, then the hard way);
 * - server processes without their server (they end by themselves, but may take a while): waited for;
 * - a `postmaster.pid` whose number is another program's by now, which PostgreSQL itself would take for a running
 *   server: removed.
 */
export async function clearLeftovers(folder: string): Promise<void> {
  const pid = postmasterPid(folder)
  if (pid !== undefined) {
    if (runsOn(pid, folder)) {
      const owner = readOwner(folder)
      // Without an owner's note it was not us who started it.
      if (!owner || beganAt(owner.pid) === owner.began) {
        throw errors.DATA_FOLDER_IN_USE({ folder, postgres: pid, owner: owner?.pid })
      }
      await stopServer(pid)
    } else if (send(pid, 0)) {
      // Also a killed server that nobody has reaped yet: PostgreSQL takes it for alive.
      rmSync(join(folder, 'postmaster.pid'), { force: true })
    }
  }
  await processesGone(folder)
}

/** Ends a server: fast shutdown, and after 20 s an immediate one (the next start then recovers from the log). */
export async function stopServer(pid: number): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', 20_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!send(pid, signal)) return
    if (await gone(() => !alive(pid), waitMs)) return
  }
}

/** The process in `postmaster.pid`, or undefined. */
function postmasterPid(folder: string): number | undefined {
  const file = join(folder, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  return Number.isInteger(pid) && pid > 0 ? pid : undefined
}

async function processesGone(folder: string): Promise<void> {
  if (process.platform !== 'linux') return
  const left = (): number[] =>
    readdirSync('/proc')
      .map(Number)
      .filter(pid => pid > 0 && runsOn(pid, folder))
  if (await gone(() => left().length === 0, 10_000)) return
  for (const pid of left()) send(pid, 'SIGQUIT')
  if (await gone(() => left().length === 0, 5_000)) return
  for (const pid of left()) send(pid, 'SIGKILL')
  await gone(() => left().length === 0, 5_000)
}

/** True if the process is a PostgreSQL on that folder: every server process has it as its working directory. */
function runsOn(pid: number, folder: string): boolean {
  try {
    if (process.platform === 'linux') {
      return readlinkSync(`/proc/${pid}/cwd`) === folder && !isZombie(pid)
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(folder)
  } catch {
    return false
  }
}

function readOwner(folder: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(ownerFile(folder), 'utf8')) as Owner
  } catch {
    return undefined
  }
}

/** When the process began, in whatever form the system gives; undefined if there is no such process. */
function beganAt(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return isZombie(pid) ? undefined : statFields(pid)[19]
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}

/** The fields of /proc/PID/stat after the command's name, which may hold spaces and brackets; [0] is the state. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

function isZombie(pid: number): boolean {
  return statFields(pid)[0] === 'Z'
}

function alive(pid: number): boolean {
  if (!send(pid, 0)) return false
  try {
    return process.platform !== 'linux' || !isZombie(pid)
  } catch {
    return false
  }
}

function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Looks every 20 ms until `done` or the time is over. */
async function gone(done: () => boolean, waitMs: number): Promise<boolean> {
  const until = performance.now() + waitMs
  while (!done()) {
    if (performance.now() > until) return false
    await delay(20)
  }
  return true
}
