import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Guard, rules } from './rules.ts'

/** A copy of the repository, in which a rule can be taken out without anybody else noticing. */
const root = fileURLToPath(new URL('../../', import.meta.url))
let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'quintet-rules-'))
  for (const name of ['src', 'test', 'package.json', 'tsconfig.json', 'vitest.config.ts'])
    cpSync(join(root, name), join(copy, name), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

function passes({ test, title }: Guard): boolean {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs')
  const named = title.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&')
  const args = ['--conditions=source', vitest, 'run', '--project', 'unit', test, '-t', named, '--retry=0']
  const { VITEST: _, VITEST_MODE: __, VITEST_WORKER_ID: ___, NODE_ENV: ____, ...env } = process.env
  const run = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8', env })
  if (!/Tests .*\d+ (passed|failed)/.test(run.stdout))
    throw new Error(`No test ran:\n${run.stdout}\n${run.stderr}`)
  return run.status === 0
}

describe.each(
  rules.flatMap(rule => ('notYet' in rule ? [] : rule.guards.map(guard => ({ rule: rule.name, guard })))),
)('$rule', ({ guard }) => {
  const { file, code, instead } = guard.without
  it(`"${guard.title}" passes, and fails without it (${file})`, { timeout: 300_000 }, () => {
    expect(passes(guard)).toBe(true)
    const path = join(copy, file)
    const whole = readFileSync(path, 'utf8')
    try {
      writeFileSync(
        path,
        whole.replace(code, () => instead ?? ''),
      )
      expect(passes(guard)).toBe(false)
    } finally {
      writeFileSync(path, whole)
    }
  })
})
