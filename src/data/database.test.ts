import { AsyncLocalStorage } from 'node:async_hooks'
import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { createDatabase, type Database } from './database.ts'
import { RecordedPool } from './pool.ts'
import { parseLsn } from './position.ts'
import type { QueryEvent, QueryOutcome } from './query.ts'
import { StatementNames } from './statements.ts'

const articles = pgTable('articles', { id: integer().primaryKey(), title: text().notNull() })
const schema = { articles }

let server: TestDatabase
let database: Database<typeof schema>
beforeAll(async () => {
  server = await testDatabase(`
    create table articles (id int primary key, title text not null);
    create schema other;
    create function alter_quietly() returns void language plpgsql
      as $$ begin perform set_config('search_path', 'other', false); end $$`)
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.query(`truncate articles; insert into articles values (1, 'one'), (2, 'two')`)
  database = createDatabase({ url: server.url, schema, poolMax: 2 })
})
afterEach(() => database.close())

function record(): { event: QueryEvent; outcome?: QueryOutcome }[] {
  const seen: { event: QueryEvent; outcome?: QueryOutcome }[] = []
  database.listen(event => {
    const entry: { event: QueryEvent; outcome?: QueryOutcome } = { event }
    seen.push(entry)
    return outcome => {
      entry.outcome = outcome
    }
  })
  return seen
}

test('the listener hears of every way to ask: raw, Drizzle, relational, in transactions', async () => {
  const seen = record()
  await database.query('select title from articles where id = $1', [1])
  await database.db.select().from(articles).where(eq(articles.id, 2))
  await database.db.query.articles.findMany({ columns: { id: true } })
  await database.db.execute(sql`select count(*) from articles`)
  await database.db.transaction(tx => tx.select({ id: articles.id }).from(articles))
  await database.internal.query('select 7')
  expect(seen.map(({ event }) => event.text)).toEqual([
    'select title from articles where id = $1',
    'select "id", "title" from "articles" where "articles"."id" = $1',
    'select "id" from "articles" "articles"',
    'select count(*) from articles',
    'begin',
    'select "id" from "articles"',
    'commit',
  ])
  expect(seen[1]?.event.values).toEqual([2])
  expect(seen.map(({ event }) => event.inTransaction)).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
    true,
  ])
  // From `begin` to `commit` it is one transaction; every statement before is one of its own.
  expect(new Set(seen.slice(0, 5).map(({ event }) => event.transaction)).size).toBe(5)
  expect(new Set(seen.slice(4).map(({ event }) => event.transaction)).size).toBe(1)
  const outcome = seen[0]?.outcome
  expect(outcome).toMatchObject({ ok: true, command: 'SELECT', rowCount: 1 })
  const { rows } = await server.query(`select 'articles'::regclass::oid::int as oid`)
  expect(outcome?.ok && outcome.fields[0]).toMatchObject({
    name: 'title',
    tableID: rows[0]?.oid,
    columnID: 2,
    dataTypeID: 25,
  })
})

test("both calls happen in the caller's context, the outcome before the caller goes on", async () => {
  const context = new AsyncLocalStorage<string>()
  const seen: string[] = []
  database.listen(() => {
    seen.push(`query in ${context.getStore()}`)
    return () => seen.push(`outcome in ${context.getStore()}`)
  })
  // Four askers on two connections: some wait for a connection that another context gives back.
  await Promise.all(
    ['a', 'b', 'c', 'd'].map(name =>
      context.run(name, async () => {
        await database.query('select pg_sleep(0.01)')
        seen.push(`resumed in ${name}`)
      }),
    ),
  )
  for (const name of ['a', 'b', 'c', 'd']) {
    expect(seen.filter(line => line.endsWith(name))).toEqual([
      `query in ${name}`,
      `outcome in ${name}`,
      `resumed in ${name}`,
    ])
  }
})

test('queries sent together on one transaction each meet the state that was told', async () => {
  const seen = record()
  await database.db.transaction(tx =>
    Promise.all([tx.execute(sql`set local search_path = other`), tx.execute(sql`select 1 as n`)]),
  )
  await database.query('select 2 as n')
  expect(seen.map(({ event }) => [event.text, event.inTransaction, event.session.altered])).toEqual([
    ['begin', false, false],
    ['set local search_path = other', true, true],
    ['select 1 as n', true, true],
    ['commit', true, true],
    ['select 2 as n', false, false],
  ])
})

test('a failure is told, and keeps its SQLSTATE', async () => {
  const seen = record()
  await expect(database.query('select nothing')).rejects.toMatchObject({ code: '42703' })
  expect(seen[0]?.outcome).toMatchObject({ ok: false, error: { code: '42703' } })
})

test('the session is pinned, and altered ones are not reused', async () => {
  const seen = record()
  const { rows } = await database.query(
    `select timestamptz '2020-01-02 03:04:05.678901+09' || '' as at, current_setting('statement_timeout') as timeout`,
  )
  expect(rows).toEqual([{ at: '2020-01-01 18:04:05.678901+00', timeout: '30s' }])
  await database.query('set search_path = other')
  await database.query('select 1')
  await database.query('select alter_quietly()')
  await database.query('select 2')
  expect((await database.query('show search_path')).rows).toEqual([{ search_path: '"$user", public' }])
  expect(seen.map(({ event }) => event.session.altered)).toEqual([false, true, false, false, false, false])
  expect(seen[0]?.event.session).toMatchObject({
    role: 'quintet',
    database: server.name,
    searchPath: '"$user", public',
  })
})

test('a hidden change of the search path shows in the next query of the connection', async () => {
  const seen = record()
  await database.db.transaction(async tx => {
    await tx.execute(sql`select alter_quietly()`)
    await tx.execute(sql`select 1`)
  })
  expect(seen[2]?.event.session).toMatchObject({ searchPath: 'other', altered: true })
})

test('a transaction left open is rolled back by closing the connection', async () => {
  await database.query("begin; insert into articles values (3, 'three')")
  expect((await database.query('select id from articles order by id')).rows).toEqual([{ id: 1 }, { id: 2 }])
})

test('statements are prepared under a name from their second use, and survive a change of the table', async () => {
  const single = createDatabase({ url: server.url, poolMax: 1 })
  const prepared = async () =>
    (await single.query(`select statement from pg_prepared_statements -- ${Math.random()}`)).rows.map(
      row => row.statement,
    )
  for (let use = 0; use < 3; use++) await single.query('select * from articles where id = $1', [1])
  expect(await prepared()).toEqual(['select * from articles where id = $1'])

  await server.query('alter table articles add column extra int default 5')
  try {
    const { rows } = await single.query('select * from articles where id = $1', [1])
    expect(rows).toEqual([{ id: 1, title: 'one', extra: 5 }])
    await single.query('deallocate all')
    expect((await single.query('select * from articles where id = $1', [2])).rows[0]).toMatchObject({ id: 2 })

    // In a transaction the stale plan aborts it; the whole is run again.
    await server.query('alter table articles drop column extra')
    const again = await single.transaction(tx => tx.execute(sql`select * from articles where id = ${1}`))
    expect(again.rows).toEqual([{ id: 1, title: 'one' }])
  } finally {
    await server.query('alter table articles drop column if exists extra')
    await single.close()
  }
})

test('statements are not named where that is switched off', async () => {
  const plain = createDatabase({ url: server.url, poolMax: 1, preparedStatements: false })
  for (let use = 0; use < 3; use++) await plain.query('select title from articles where id = $1', [1])
  expect((await plain.query('select from pg_prepared_statements')).rowCount).toBe(0)
  await plain.close()
})

test("values that pg can't write fail alone", async () => {
  const single = createDatabase({ url: server.url, poolMax: 1 })
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const ask = (value: unknown) => single.query('select $1::text as v', [value])
  await ask('a')
  await expect(ask(circular)).rejects.toThrow('circular')
  await expect(ask(circular)).rejects.toThrow('circular')
  expect((await ask('b')).rows).toEqual([{ v: 'b' }])
  await single.close()
})

test('nested transactions are savepoints, by handle and by context', async () => {
  await database.transaction(async tx => {
    await tx.insert(articles).values({ id: 3, title: 'three' })
    await tx
      .transaction(async inner => {
        await inner.insert(articles).values({ id: 4, title: 'four' })
        throw new Error('only this part')
      })
      .catch(() => {})
    await database
      .transaction(async inner => {
        await inner.insert(articles).values({ id: 5, title: 'five' })
        throw new Error('and this')
      })
      .catch(() => {})
    await database.transaction(inner => inner.insert(articles).values({ id: 6, title: 'six' }))
  })
  expect((await server.query('select id from articles order by id')).rows.map(row => row.id)).toEqual([
    1, 2, 3, 6,
  ])
})

test('a serialization failure is run again, a bounded number of times', async () => {
  let runs = 0
  const raise = (id: number) =>
    database.transaction(
      async tx => {
        runs++
        const [row] = await tx.select().from(articles).where(eq(articles.id, id))
        // Somebody else changes the row in between, on the first run only.
        if (runs === 1) await server.query(`update articles set title = title || '!' where id = $1`, [id])
        await tx
          .update(articles)
          .set({ title: `${row?.title}?` })
          .where(eq(articles.id, id))
      },
      { isolation: 'repeatable read' },
    )
  await raise(1)
  expect(runs).toBe(2)
  expect((await server.query('select title from articles where id = 1')).rows).toEqual([{ title: 'one!?' }])

  let attempts = 0
  const never = database.transaction(
    async tx => {
      attempts++
      await tx.execute(sql`do $$ begin raise sqlstate '40001'; end $$`)
    },
    { retries: 2 },
  )
  await expect(never).rejects.toMatchObject({ cause: { code: '40001' } })
  expect(attempts).toBe(3)
})

test("Drizzle's own transaction nests and runs again as well", async () => {
  let runs = 0
  await database.db.transaction(
    async tx => {
      runs++
      await tx.select().from(articles)
      if (runs === 1) await server.query(`update articles set title = 'elsewhere' where id = 1`)
      await database.transaction(inner =>
        inner.update(articles).set({ title: 'here' }).where(eq(articles.id, 1)),
      )
      await expect(
        database.db.transaction(async inner => {
          await inner.delete(articles)
          throw new Error('not this')
        }),
      ).rejects.toThrow('not this')
    },
    { isolationLevel: 'serializable', accessMode: 'read write' },
  )
  expect(runs).toBe(2)
  expect((await server.query('select title from articles where id = 1')).rows).toEqual([{ title: 'here' }])
})

test('a read-only transaction refuses to write', async () => {
  const writing = database.transaction(tx => tx.delete(articles), { readOnly: true })
  await expect(writing).rejects.toMatchObject({ cause: { code: '25006' } })
})

test('when the connection breaks in a transaction, the first error is the one thrown', async () => {
  const broken = database.transaction(tx => tx.execute(sql`select pg_terminate_backend(pg_backend_pid())`))
  await expect(broken).rejects.toThrow(/pg_terminate_backend/)
  expect((await database.query('select 1 as n')).rows).toEqual([{ n: 1 }])
})

test('the flushed position covers what was just committed, with synchronous_commit off too', async () => {
  for (const mode of ['on', 'off']) {
    const url = new URL(server.url)
    url.searchParams.set('options', `-c synchronous_commit=${mode}`)
    const other = createDatabase({ url: url.href, poolMax: 1 })
    const before = await other.flushedLsn()
    await other.query(`update articles set title = 'x' where id = 1`)
    expect(await other.flushedLsn()).toBeGreaterThan(before)
    await other.close()
  }
})

test.each([
  ['SET LOCAL', sql`set local synchronous_commit = off`],
  ['set_config', sql`select set_config(${'synchronous_commit'}, ${'off'}, true)`],
])('the flushed position covers a commit that %s let return early', async (_, early) => {
  // Whether the server has flushed by itself in between is chance, but hardly twenty times.
  for (let n = 0; n < 20; n++) {
    await database.transaction(async tx => {
      await tx.execute(early)
      await tx
        .update(articles)
        .set({ title: `${n}` })
        .where(eq(articles.id, 1))
    })
    const { rows } = await server.query('select pg_current_wal_insert_lsn()::text as lsn')
    expect(await database.flushedLsn()).toBeGreaterThanOrEqual(parseLsn(rows[0]?.lsn as string))
  }
})

test('a connection with a query that nobody waits for is not handed to the next', async () => {
  const pool = new RecordedPool(
    { url: server.url, max: 1, statementTimeoutMs: 0, connectTimeoutMs: 10_000, applicationName: 'test' },
    { listeners: new Set(), names: undefined, target: 'primary' },
  )
  const pid = async (): Promise<unknown> => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid
  const first = await pid()
  const client = await pool.checkOut()
  const late = [client.query('select 1'), client.query('begin')].map(one => one.catch(() => {}))
  client.release()
  expect(await pid()).not.toBe(first)
  await Promise.all(late)
  await pool.end()
})

test('a connection closes the statements whose texts are no longer among the most used', async () => {
  const pool = new RecordedPool(
    { url: server.url, max: 1, statementTimeoutMs: 0, connectTimeoutMs: 10_000, applicationName: 'test' },
    { listeners: new Set(), names: new StatementNames(2), target: 'primary' },
  )
  for (let n = 0; n < 8; n++) {
    for (let use = 0; use < 2; use++) await pool.query(`select ${n} + $1::int as n`, [n])
  }
  const { rows } = await pool.query('select statement from pg_prepared_statements order by prepare_time')
  expect(rows.map((row: { statement: string }) => row.statement)).toEqual([
    'select 6 + $1::int as n',
    'select 7 + $1::int as n',
  ])
  await pool.end()
})

test('a pool with nothing free says so', async () => {
  const tight = createDatabase({ url: server.url, poolMax: 1, connectTimeoutMs: 500 })
  const waiting = tight.transaction(() => tight.query('select 1'))
  await expect(waiting).rejects.toThrow(
    'DATA_POOL_BUSY: No connection became free within 500 ms; the pool holds 1.',
  )
  expect((await tight.query('select 1 as n')).rows).toEqual([{ n: 1 }])
  await tight.close()
})

test('an unreachable server is named', async () => {
  const nowhere = createDatabase({ url: 'postgres://me:hush@127.0.0.1:1/app', origin: 'DATABASE_URL' })
  await expect(nowhere.query('select 1')).rejects.toThrow(
    /DATA_UNREACHABLE: PostgreSQL at 127\.0\.0\.1:1 \(DATABASE_URL\) can't be reached: connect ECONNREFUSED/,
  )
  await nowhere.close()
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  const refused = createDatabase({ url: wrong.href })
  await expect(refused.query('select 1')).rejects.toThrow(/DATA_UNREACHABLE.*password authentication failed/)
  await refused.close()
})

test('cursors are refused rather than read unrecorded', async () => {
  const cursor = { submit() {} }
  await expect(async () => database.query(cursor as unknown as string)).rejects.toThrow('DATA_CURSOR')
})
