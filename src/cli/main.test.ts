import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { main } from './main.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'cli-'))
  writeFileSync(join(root, 'app.ts'), '')
})
afterAll(() => rmSync(root, { recursive: true }))

/** Runs `quintet` in this process. */
async function quintet(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const terminal = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    style: (_: string, text: string) => text,
  }
  const code = await main(argv, terminal)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('wrong usage ends with 2, names what is wrong, and the nearest that is right', () => {
  test.each([
    [['setings'], "There is no verb 'setings'.\nDid you mean 'quintet settings'?"],
    [['elephant'], "There is no verb 'elephant'.\nThere are: "],
    [['settings', '--jsn'], "'quintet settings' has no option '--jsn'.\nDid you mean '--json'?"],
    [['settings', '--elephant=1'], "'quintet settings' has no option '--elephant'.\nIt has: --json, --root"],
    [['sql'], "Missing required argument 'statement'.\n'quintet sql --help'"],
    [['settings', 'extra'], "Too many arguments for 'settings'"],
    [['settings', '--root'], "Option '--root <folder>' argument missing"],
  ])('%j', async (argv, expected) => {
    const { code, out, err } = await quintet(...argv)
    expect(err).toContain(expected)
    expect(out).toBe('')
    expect(code).toBe(2)
  })
})

test('help lists every verb', async () => {
  const { code, out } = await quintet()
  expect(out).toMatch(/settings +print every setting/)
  expect(code).toBe(0)
})

describe('errors', () => {
  test('come as message and remedy; the stack only when asked for', async () => {
    const wrong = ['settings', '--root', root, '--set', 'edge.htpp.port=1']
    const plain = await quintet(...wrong)
    expect(plain.code).toBe(1)
    expect(plain.err).toContain('Did you mean edge.http?')
    expect(plain.err).not.toMatch(/^ +at /m)
    expect((await quintet(...wrong, '--debug')).err).toMatch(/^ +at /m)
  })
})

test.each([
  [['status'], 'SERVE_NOT_RUNNING'],
  [['explain', '/'], 'SERVE_NOT_RUNNING'],
  [['run', 'edeg'], 'did you mean "edge"?'],
])('%j without a band says so', async (argv, expected) => {
  const { code, out, err } = await quintet(...argv, '--root', root)
  expect(err).toContain(expected)
  expect(out).toBe('')
  expect(code).toBe(1)
})

describe('quintet settings', () => {
  test('prints values with their origins, in columns', async () => {
    const { code, out } = await quintet('settings', '--root', root, '--set', 'edge.http.port=9000')
    expect(out).toContain(`development (${root})`)
    expect(out).toMatch(/^edge\.http\.port +9000 +--set$/m)
    expect(out).toMatch(/^edge\.https\.port +8443 +default$/m)
    expect(out).toMatch(/^secret +•+ +generated/m)
    expect(code).toBe(0)
  })

  test('as JSON', async () => {
    const { out } = await quintet('settings', '--root', root, '--json')
    expect(JSON.parse(out)).toMatchObject({
      environment: 'development',
      settings: expect.arrayContaining([{ name: 'database.port', value: '8432', origin: 'default' }]),
    })
  })

  test('warns of what should not stay so in production', async () => {
    const secret = 'a secret of more than thirty-two characters'
    const { code, err } = await quintet(
      'settings',
      '--root',
      root,
      '--set',
      'debug=false',
      '--set',
      `secret=${secret}`,
    )
    expect(err).toContain("Warning: database.engine is 'embedded' without debug")
    expect(code).toBe(0)
  })
})

describe('quintet sql', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase(
      "create table things (id int, name text, made date); insert into things values (1, E'a\\nb')",
    )
  })
  afterAll(() => database.close())

  const sql = (...argv: string[]) =>
    quintet(
      'sql',
      ...argv,
      '--root',
      root,
      '--set',
      'database.engine=postgres',
      '--set',
      `database.url=${database.url}`,
    )

  test('prints a table', async () => {
    const { code, out } = await sql('select id, name, made from things')
    expect(out.split('\n')).toEqual([
      ' id | name | made',
      '----+------+------',
      ' 1  | a↵b  | NULL',
      '(1 row)',
    ])
    expect(code).toBe(0)
  })

  test('says how many rows a change changed, and keeps the change', async () => {
    expect((await sql('insert into things values (2), (3)')).out).toBe('2 rows changed')
    expect((await database.query('select * from things')).rowCount).toBe(3)
  })

  test('prints JSON', async () => {
    expect(JSON.parse((await sql('select 1 as one', '--json')).out)).toEqual([{ one: 1 }])
  })

  test("the server's refusal is no stack", async () => {
    const { code, err } = await sql('selct 1')
    expect(err).toBe(
      'CLI_SQL_FAILED: PostgreSQL refused the statement: syntax error at or near "selct" (SQLSTATE 42601).\nCorrect the statement.',
    )
    expect(code).toBe(1)
  })

  test('an unreachable server is named with where its address was set', async () => {
    const nowhere = [
      '--set',
      'database.engine=postgres',
      '--set',
      'database.url=postgres://u:hush@127.0.0.1:1/x',
    ]
    const { err } = await quintet('sql', 'select 1', '--root', root, ...nowhere)
    expect(err).toContain('PostgreSQL at 127.0.0.1:1 (--set)')
    expect(err).not.toContain('hush')
  })
})

test('quintet makemigrations writes what the models became, once', async () => {
  const home = resolve(import.meta.dirname, '../..')
  const door = JSON.stringify(join(home, 'src/app/index.ts'))
  const drizzle = JSON.stringify(join(home, 'node_modules/drizzle-orm/pg-core/index.js'))
  /** A state of the app, and what the verb says to it. */
  const make = (entry: string, columns: string, ...argv: string[]) => {
    writeFileSync(
      join(root, entry),
      `import { integer, pgTable, text } from ${drizzle}
      import { defineApp } from ${door}
      export default defineApp({ modules: [], models: { articles: pgTable('articles', { ${columns} }) } })`,
    )
    const set = ['--set', `app.entry=${entry}`, '--set', 'database.migrations=written']
    return quintet('makemigrations', ...argv, '--root', root, ...set)
  }
  const id = 'id: integer().primaryKey()'

  const { code, out } = await make('first.ts', id)
  expect(out).toContain('Wrote written/0000_initial.sql:\n  CREATE TABLE "articles"')
  expect(readFileSync(join(root, 'written/0000_initial.sql'), 'utf8')).toContain('CREATE TABLE "articles"')
  expect(code).toBe(0)
  expect((await make('first.ts', id)).out).toBe('The models have not changed since the last migration.')
  expect((await make('second.ts', `${id}, title: text()`, 'titles')).out).toContain(
    'Wrote written/0001_titles.sql:',
  )

  const renamed = `${id}, name: text()`
  expect((await make('third.ts', renamed)).err).toMatch(/^DATA_RENAME_UNCLEAR: .*title → name/)
  expect((await make('third.ts', renamed, '--drop')).out).toContain('DROP COLUMN "title"')
})

describe('quintet migrate', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase()
    mkdirSync(join(root, 'migrations/meta'), { recursive: true })
    writeFileSync(join(root, 'migrations/0000_initial.sql'), 'create table articles (id int primary key)')
    const entries = [
      { idx: 0, version: '7', when: 1_700_000_000_000, tag: '0000_initial', breakpoints: true },
    ]
    const journal = { version: '7', dialect: 'postgresql', entries }
    writeFileSync(join(root, 'migrations/meta/_journal.json'), JSON.stringify(journal))
  })
  afterAll(() => database.close())

  const migrate = (...argv: string[]) =>
    quintet(
      'migrate',
      ...argv,
      '--root',
      root,
      '--set',
      'database.engine=postgres',
      '--set',
      `database.url=${database.url}`,
    )

  test('lists what is pending, applies it once, and sets up the feed', async () => {
    expect((await migrate('--pending')).out).toBe('0000_initial')
    expect((await migrate()).out).toBe('applied 0000_initial\nThe feed publishes 1 table (quintet).')
    expect((await migrate('--pending')).out).toBe('Nothing is pending.')
    expect((await migrate()).out).toBe('Nothing was pending.\nThe feed publishes 1 table (quintet).')
    expect((await database.query('select * from articles')).rowCount).toBe(0)
  })
})
