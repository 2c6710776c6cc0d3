import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { check } from './architecture/check.ts'

const src = resolve(import.meta.dirname, '../src')

function sourcesOf(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name))
  return new Map(
    names.map(name => [relative(folder, name).replaceAll('\\', '/'), readFileSync(name, 'utf8')]),
  )
}

test('src keeps to the table of rooms', () => {
  const sources = sourcesOf(src)
  expect(sources.size).toBeGreaterThan(50)
  expect(check(sources).join('\n')).toBe('')
})

describe('the check finds', () => {
  /** A tree with one file under suspicion. */
  const finds = (files: Record<string, string>): string[] => check(new Map(Object.entries(files)))

  test.each([
    [
      'a room out of order',
      'data/a.ts',
      "import { x } from '../feed/index.ts'",
      'src/data may import core, settings',
    ],
    [
      'a type out of order',
      'http/a.ts',
      "import type { X } from '../data/index.ts'",
      'src/http may import core',
    ],
    [
      'a dynamic import',
      'data/a.ts',
      "await import('../feed/index.ts')",
      'src/data may import core, settings',
    ],
    [
      'a re-export',
      'data/a.ts',
      "export { x } from '../feed/index.ts'",
      'src/data may import core, settings',
    ],
    ['edge and app meeting', 'edge/a.ts', "import '../app/index.ts'", 'app and edge talk HTTP'],
    ['a back door', 'feed/a.ts', "import { x } from '../data/pool.ts'", "A room's only door is its index.ts"],
    ['a back door in a test', 'feed/a.test.ts', "import { x } from '../data/pool.ts'", "A room's only door"],
    [
      'signals heard by others',
      'feed/a.ts',
      "import '../data/signals.ts'",
      "A room's only door is its index.ts",
    ],
    ['test code in a source', 'feed/a.ts', "import '../testing/index.ts'", 'src/testing is for tests'],
    ['a test as a source', 'feed/a.ts', "import './b.test.ts'", 'Nothing may depend on a test'],
    ['a file outside', 'feed/a.ts', "import '../../bench/x.ts'", 'outside src'],
    ['the package itself', 'feed/a.ts', "import 'quintet/settings'", 'they would load twice'],
    ['a driver', 'feed/a.ts', "import pg from 'pg'", 'Drivers are imported only in'],
    [
      "Drizzle's driver",
      'app/a.ts',
      "import { drizzle } from 'drizzle-orm/node-postgres'",
      'Drivers are imported',
    ],
    ['process.env', 'data/a.ts', 'const x = process.env.HOME', 'data/a.ts:1 uses process.env'],
    ['process.exit', 'data/a.ts', '\nprocess.exit(1)', 'data/a.ts:2 uses process.exit'],
    ['console', 'app/a.tsx', "const x = <a onClick={() => console.log('x')} />", 'uses console'],
    ['an unknown room', 'utils/a.ts', '', 'src/utils is no room'],
    ['a file without a room', 'a.ts', '', 'a file outside all rooms'],
  ])('%s', (_, path, text, expected) => {
    expect(finds({ [path]: text })).toEqual([expect.stringContaining(expected)])
  })

  test('a circle, once, the shortest way round', () => {
    const circle = {
      'core/a.ts': "import './b.ts'",
      'core/b.ts': "export { x } from './c.ts'",
      'core/c.ts': "import type { A } from './a.ts'",
      'core/d.ts': "import './a.ts'",
    }
    expect(finds(circle)).toEqual([
      expect.stringMatching(/^core\/a\.ts → core\/b\.ts → core\/c\.ts → core\/a\.ts: a circle/),
    ])
  })

  test('nothing in what is allowed', () => {
    expect(
      finds({
        'feed/a.ts': "import { x } from '../data/index.ts'\nimport './b.ts'\nprocess.hrtime()",
        'feed/b.ts': "import 'undici'\nimport 'drizzle-orm/pg-core'",
        'feed/a.test.ts': "import { t } from '../testing/database.ts'\nconsole.log(process.env.X)",
        'tasks/engines/redis.ts': "import 'ioredis'",
        'data/pool.ts': "import 'pg'",
        'observe/a.ts': "import '../data/signals.ts'",
        'cli/a.ts': "import '../serve/index.ts'\nconsole.log(process.env.X)",
        'app/a.ts': '// process.env and console in a comment, or "console.log" in a text',
      }),
    ).toEqual([])
  })
})
