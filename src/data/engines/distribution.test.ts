import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { accountForServer, canEnter, identity } from './account.ts'
import { findDistribution, makeRunnable } from './distribution.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-distribution-'))
  chmodSync(folder, 0o755)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const version = (programs: string): string =>
  spawnSync(join(programs, 'bin', 'postgres'), ['--version'], {
    encoding: 'utf8',
    cwd: '/',
    ...identity(accountForServer()),
  }).stdout ?? ''

test('the programs npm installed run, and their version is known', () => {
  const found = findDistribution(undefined, () => folder)
  expect(version(found.folder)).toContain(`PostgreSQL) ${found.major}.`)
  expect(readdirSync(folder)).toEqual([])
})

test('links and permissions that npm left out are made', () => {
  const { folder: installed } = findDistribution(undefined, () => folder)
  const native = join(folder, 'native')
  cpSync(installed, native, {
    recursive: true,
    verbatimSymlinks: true,
    filter: path => !path.endsWith('.a') && !(path.includes('/lib/') && lstatSync(path).isSymbolicLink()),
  })
  chmodSync(join(native, 'bin', 'postgres'), 0o644)
  expect(version(native)).toBe('')
  expect(makeRunnable(native)).toBe(true)
  expect(version(native)).toContain('PostgreSQL')
})

test.runIf(process.getuid?.() === 0)("programs that the account can't reach are copied where it can", () => {
  const account = accountForServer()
  const closed = join(folder, 'closed')
  mkdirSync(closed, { mode: 0o700 })
  expect(canEnter(account, closed)).toBe(false)
  const { folder: installed } = findDistribution(undefined, () => folder)
  cpSync(installed, join(closed, 'native'), { recursive: true, verbatimSymlinks: true })
  const shared = join(folder, 'shared')
  mkdirSync(shared, { mode: 0o755 })
  const found = findDistribution(account, () => shared, {
    folder: join(closed, 'native'),
    version: '18.0.0',
    major: '18',
  })
  expect(found.folder).toBe(join(shared, `postgresql-18.0.0-${process.arch}`))
  expect(version(found.folder)).toContain('PostgreSQL')
  expect(existsSync(join(found.folder, 'share'))).toBe(true)
  expect(readdirSync(shared)).toHaveLength(1)
})
