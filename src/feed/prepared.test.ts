import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDatabase, type Database, prepareFeed } from '../data/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Change } from './change.ts'
import * as signals from './signals.ts'
import { createFeedSource, type FeedSource } from './source.ts'

/** The feed on a database that was prepared as `quintet migrate` does it, event triggers included. */
let outside: TestDatabase
let database: Database<never>
let source: FeedSource
let told: Change[][]
let unannounced = 0
const stopCounting = signals.catalogChanged.subscribe(() => unannounced++)

beforeAll(async () => {
  outside = await testDatabase(`
    create table notes (id int primary key, body text, length int generated always as (length(body)) stored);
    create table moods (mood text);
    create table parts (id int, day date) partition by range (day);
    create table parts_1 partition of parts for values from ('2024-01-01') to ('2025-01-01');
    create view shown as select id from notes`)
  database = createDatabase({ url: outside.url }) as Database<never>
  await prepareFeed(database, 'quintet')
})
afterAll(async () => {
  stopCounting()
  await database.close()
  await outside.close()
})

beforeEach(async () => {
  source = createFeedSource({ url: outside.url, tickMs: 50 })
  await source.start()
  await expect.poll(() => source.position, { timeout: 20_000 }).not.toBeNull()
  told = []
  unannounced = 0
  source.onTransaction(({ changes }) => told.push([...changes]))
})
afterEach(() => source.stop())

async function changesOf(sql: string): Promise<Change[][]> {
  expect(await source.barrier(5_000)).toBe(true)
  told = []
  await outside.query(sql)
  expect(await source.barrier(5_000)).toBe(true)
  return told
}

test('rows come with their stored generated columns, partitions under every name', async () => {
  expect(await changesOf(`insert into notes values (1, 'abc')`)).toEqual([
    [{ kind: 'insert', table: 'public.notes', new: { id: '1', body: 'abc', length: '3' } }],
  ])
  expect(await changesOf(`update notes set body = 'abcd'`)).toMatchObject([[{ changed: ['body', 'length'] }]])
  expect(await changesOf('delete from notes')).toMatchObject([[{ kind: 'delete', old: { length: '4' } }]])
  const [changes = []] = await changesOf(`insert into parts values (1, '2024-05-05')`)
  expect(changes.map(change => 'table' in change && change.table).sort()).toEqual([
    'public.parts',
    'public.parts_1',
  ])
})

test.for([
  ['ALTER TABLE', `alter table moods alter mood type varchar using lower(mood)`],
  ['CREATE VIEW', 'create or replace view shown as select id from notes where id > 0'],
  ['CREATE INDEX', 'create index on notes (body)'],
  ['DROP VIEW', 'drop view shown'],
])('%s is announced: everything changed, in its own place among the commits, once', async ([tag, sql]) => {
  const changes = await changesOf(
    `insert into notes values (7); begin; ${sql}; commit; delete from notes where id = 7`,
  )
  expect(changes.flat().filter(change => change.kind === 'everything')).toEqual([
    { kind: 'everything', reason: tag },
  ])
  const order = changes.flat().map(change => change.kind)
  expect(order).toEqual(['insert', 'everything', 'delete'])
  // And the fingerprint, compared several times since, has nothing to add.
  const compared = Promise.withResolvers<void>()
  let ticks = 0
  const stop = signals.lag.subscribe(() => {
    if (++ticks === 4) compared.resolve()
  })
  await compared.promise
  stop()
  expect(unannounced).toBe(0)
})
