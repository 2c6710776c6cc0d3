import { eq, sql } from 'drizzle-orm'
import { integer, jsonb, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { createDatabase, type Database } from './database.ts'
import { identityOf, type PooledQuery, type WireResult } from './intercept.ts'

const things = pgTable('things', {
  id: integer().primaryKey(),
  name: text(),
  at: timestamp({ withTimezone: true }),
  data: jsonb(),
})
const schema = { things }

let server: TestDatabase
let database: Database<typeof schema>
beforeAll(async () => {
  server = await testDatabase(`
    create table things (id int primary key, name text, at timestamptz, data jsonb, bytes bytea default '\\x00ff');
    insert into things values (1, 'one', '2026-01-02 03:04:05.123456+00', '{"a": [1]}'), (2, null, null, null)`)
})
afterAll(() => server.close())
beforeEach(async () => {
  database = createDatabase({ url: server.url, schema, poolMax: 2 })
  await database.query('select 1')
})
afterEach(() => database.close())

const askEverything = async (): Promise<unknown[]> => [
  await database.query('select * from things where id = $1', [1]),
  await database.query('select id, id + 1 as next, id from things order by 1'),
  await database.query('select 1 where false'),
  await database.db.select().from(things).orderBy(things.id),
  await database.db.query.things.findFirst({ where: eq(things.id, 1) }),
  (await database.db.execute(sql`select count(*) as n, true as yes from things`)).rows,
  await database.marked('m').select({ at: things.at }).from(things).where(eq(things.id, 1)),
]

test('a result kept as text is, for every caller, what the server would have answered', async () => {
  const plain = await askEverything()
  const kept = new Map<string, WireResult>()
  let answered = 0
  database.intercept(async (query, send) => {
    const known = kept.get(query.identity())
    if (known) answered++
    const wire = known ?? (await send())
    kept.set(query.identity(), wire)
    return wire
  })
  expect(await askEverything()).toEqual(plain)
  expect(answered).toBe(0)
  const again = await askEverything()
  expect(answered).toBe(plain.length)
  expect(again).toEqual(plain)
  // Altering what one caller got changes nothing for the next.
  const [first] = again as [{ rows: { name: string; at: Date; data: { a: number[] }; bytes: Buffer }[] }]
  const row = first.rows[0]
  if (!row) throw new Error('no row')
  row.name = 'altered'
  row.at.setFullYear(1999)
  row.data.a.push(2)
  row.bytes.fill(7)
  first.rows.push(row)
  expect(await askEverything()).toEqual(plain)
})

test('what is intercepted still passes by the listeners, in the form that it was asked in', async () => {
  const heard: unknown[] = []
  database.listen(event => {
    heard.push([event.text, event.values])
    return outcome => void heard.push(outcome.ok && outcome.rowCount)
  })
  database.intercept((_, send) => send())
  await database.query('select * from things where id = any($1)', [[1, 2]])
  expect(heard).toEqual([['select * from things where id = any($1)', [[1, 2]]], 2])
})

test('transactions, several statements and the framework’s own queries are not offered', async () => {
  const offered: PooledQuery[] = []
  const stop = database.intercept(query => {
    offered.push(query)
    return undefined
  })
  await database.transaction(tx => tx.select().from(things))
  await database.marked('m').transaction(tx => tx.select().from(things))
  await database.query('select 1; select 2')
  await database.internal.query('select 3')
  expect(offered).toEqual([])
  await database.marked('m').execute(sql`select 4`)
  await database.query('select 5')
  expect(offered.map(({ text, mark }) => [text, mark])).toEqual([
    ['select 4', 'm'],
    ['select 5', undefined],
  ])
  expect(offered[0]?.session).toMatchObject({ altered: false, searchPath: '"$user", public' })
  stop()
  await database.query('select 6')
  expect(offered.length).toBe(2)
})

test('an error of the server reaches the caller as ever', async () => {
  database.intercept((_, send) => send())
  await expect(database.query('select 1 / (1 - $1::int)', [1])).rejects.toMatchObject({ code: '22012' })
})

test('two queries are the same only if the server is sent the same', () => {
  const session = { searchPath: 'public', role: 'r', database: 'd', altered: false }
  const identities = [
    identityOf('select $1', ['1'], session),
    identityOf('select $1', ['1', ''], session),
    identityOf('select $1', [null], session),
    identityOf('select $1', [''], session),
    identityOf('select $1', ['null'], session),
    identityOf('select $1', [Buffer.from('1')], session),
    identityOf('select $1', [['1']], session),
    identityOf('select $1', [['1', '2']], session),
    identityOf('select $1', [{ a: 1 }], session),
    identityOf('select $1', [new Date(0)], session),
    identityOf('select $1', [true], session),
    identityOf('select  $1', ['1'], session),
    identityOf('select $1', ['1'], { ...session, searchPath: 'other' }),
    identityOf('select $1', ['1'], { ...session, role: 'other' }),
    identityOf('select $1', ['a\0' + '1:b'], session),
    identityOf('select $1', ['a', 'b'], session),
  ]
  expect(new Set(identities).size).toBe(identities.length)
  // PostgreSQL is sent the text 1 for both.
  expect(identityOf('select $1', [1], session)).toBe(identities[0])
})
