import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { errors } from '../errors.ts'
import { type Account, canEnter, identity } from './account.ts'
import type { Distribution } from './distribution.ts'

/** The superuser of every embedded cluster. */
export const superuser = 'quintet'

/**
 * Where the cluster is kept: `${stateDir}/postgres`, or, when the server's account can't enter that folder, a
 * folder of its own under the system's state directory, named by a hash of `stateDir`; a note tells where.
 */
export function clusterFolder(stateDir: string, account: Account | undefined): string {
  mkdirSync(stateDir, { recursive: true })
  const usual = join(stateDir, 'postgres')
  if (canEnter(account, stateDir)) return usual
  const key = createHash('sha256').update(stateDir).digest('hex').slice(0, 16)
  const shared = sharedFolder()
  sweepTemporary(shared)
  const folder = join(shared, key)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  writeFileSync(
    join(stateDir, 'postgres-is-elsewhere.txt'),
    `PostgreSQL runs as the account ${account?.name}, which can't enter this folder.\nIts cluster is kept in ${folder}/postgres\n`,
  )
  writeFileSync(join(folder, 'belongs-to.txt'), `${stateDir}\n`)
  return join(folder, 'postgres')
}

/**
 * Removes clusters whose project was a temporary folder that is gone by now, as a test's. A project anywhere else
 * may only be unmounted: its data stays.
 */
function sweepTemporary(shared: string): void {
  for (const key of readdirSync(shared)) {
    const note = join(shared, key, 'belongs-to.txt')
    if (!existsSync(note) || existsSync(join(shared, key, 'postgres', 'postmaster.pid'))) continue
    const project = readFileSync(note, 'utf8').trim()
    if (project.startsWith(`${tmpdir()}/`) && !existsSync(project)) {
      rmSync(join(shared, key), { recursive: true, force: true })
    }
  }
}

/** A folder of root's that every account can enter, for clusters and programs that can't stay in the project. */
export function sharedFolder(): string {
  for (const parent of ['/var/lib', '/var/tmp']) {
    const folder = join(parent, 'quintet')
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 })
      chmodSync(folder, 0o755)
      // In /var/tmp anybody may have made the folder before us: never trust programs or data in it then.
      const made = lstatSync(folder)
      if (made.isDirectory() && made.uid === process.getuid?.()) return folder
    } catch {
      // A read-only or missing parent: try the next.
    }
  }
  throw errors.DATA_EMBEDDED_FAILED({
    step: 'find a folder for its data',
    log: 'neither /var/lib nor /var/tmp can be written.',
  })
}

/** The superuser's password: made once, kept in `${stateDir}/postgres.password`, readable by the project's owner only. */
export function clusterPassword(stateDir: string): string {
  const file = passwordFile(stateDir)
  if (!existsSync(file)) {
    mkdirSync(stateDir, { recursive: true })
    const aside = `${file}.${process.pid}`
    writeFileSync(aside, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
    renameSync(aside, file)
  }
  return readFileSync(file, 'utf8').trim()
}

export function passwordFile(stateDir: string): string {
  return join(stateDir, 'postgres.password')
}

/**
 * Makes the cluster unless it exists. Made aside and renamed, so that a killed `initdb` leaves nothing that looks
 * like a cluster. Throws DATA_FOLDER_VERSION, DATA_FOLDER_FOREIGN, DATA_EMBEDDED_FAILED.
 */
export function ensureCluster(options: {
  folder: string
  password: string
  /** The password was made just now: an existing cluster knows another one, and is told. */
  passwordLost: boolean
  distribution: Distribution
  account: Account | undefined
  durable: boolean
  settings: Readonly<Record<string, string>>
}): void {
  const { folder, distribution, account } = options
  const versionFile = join(folder, 'PG_VERSION')
  if (existsSync(versionFile)) {
    const found = readFileSync(versionFile, 'utf8').trim()
    if (found !== distribution.major) {
      throw errors.DATA_FOLDER_VERSION({ folder, found, expected: distribution.major })
    }
    if (options.passwordLost) setPassword(options)
    return
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) throw errors.DATA_FOLDER_FOREIGN({ folder })

  const aside = `${folder}.new`
  const secret = join(aside, 'password')
  rmSync(aside, { recursive: true, force: true })
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  writeFileSync(secret, options.password, { mode: 0o600 })
  if (account) for (const path of [aside, secret]) chownSync(path, account.uid, account.gid)
  const made = spawnSync(
    join(distribution.folder, 'bin', 'initdb'),
    [
      ...['--pgdata', join(aside, 'cluster'), '--username', superuser, '--pwfile', secret],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-instructions'],
      ...['--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
      ...(options.durable ? [] : ['--no-sync']),
      ...Object.entries(options.settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
    ],
    { cwd: '/', encoding: 'utf8', env: serverEnvironment(), ...identity(account) },
  )
  if (made.status !== 0) {
    rmSync(aside, { recursive: true, force: true })
    throw errors.DATA_EMBEDDED_FAILED(
      { step: `make a cluster in ${folder}`, log: made.error?.message ?? made.stderr.trim() },
      { cause: made.error },
    )
  }
  mkdirSync(dirname(folder), { recursive: true })
  rmSync(folder, { recursive: true, force: true })
  renameSync(join(aside, 'cluster'), folder)
  rmSync(aside, { recursive: true, force: true })
}

/** In single-user mode, which asks for none. */
function setPassword(options: {
  folder: string
  password: string
  distribution: Distribution
  account: Account | undefined
}): void {
  const set = spawnSync(
    join(options.distribution.folder, 'bin', 'postgres'),
    ['--single', '-D', options.folder, 'postgres'],
    {
      cwd: '/',
      encoding: 'utf8',
      env: serverEnvironment(),
      input: `alter role ${superuser} password '${options.password}'\n`,
      ...identity(options.account),
    },
  )
  if (set.status === 0) return
  throw errors.DATA_EMBEDDED_FAILED(
    { step: 'take a new password', log: set.stderr.trim() },
    { cause: set.error },
  )
}

/** The environment of PostgreSQL's programs: nothing of PG* may leak in and change what they do. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}
