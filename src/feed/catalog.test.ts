import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Change } from './change.ts'
import * as signals from './signals.ts'
import { createFeedSource, type FeedSource } from './source.ts'

let database: TestDatabase
let source: FeedSource
let told: Change[]

beforeAll(async () => {
  database = await testDatabase(`
    create table notes (id int primary key, body text);
    create table measures (day date, value int) partition by range (day);
    create table measures_2024 partition of measures for values from ('2024-01-01') to ('2025-01-01') partition by range (day);
    create table measures_2024_h1 partition of measures_2024 for values from ('2024-01-01') to ('2024-07-01');
    create table measures_2024_h2 partition of measures_2024 for values from ('2024-07-01') to ('2025-01-01');
    create table animals (name text);
    create table cats (lives int) inherits (animals);
    alter table notes replica identity full;
    alter table measures replica identity full;
    alter table measures_2024_h1 replica identity full;
    alter table animals replica identity full;
    alter table cats replica identity full;
    create publication quintet for table notes, measures, animals, cats`)
})
afterAll(() => database.close())

beforeEach(async () => {
  await database.query('truncate notes, measures, animals, cats')
  source = createFeedSource({ url: database.url, tickMs: 100, backoffMs: { first: 10, longest: 100 } })
  await source.start()
  await expect.poll(() => source.position, { timeout: 20_000 }).not.toBeNull()
  told = []
  source.onTransaction(({ changes }) => told.push(...changes))
})
afterEach(() => source.stop())

const everything = (): number => told.filter(change => change.kind === 'everything').length

/** The catalog has been compared from beginning to end after this call. */
async function ticks(count: number): Promise<void> {
  for (; count > 0; count--) {
    await new Promise<void>(resolve => {
      const stop = signals.lag.subscribe(() => {
        stop()
        resolve()
      })
    })
  }
  expect(await source.barrier(5_000)).toBe(true)
}

test('a change in a partition is told for its root and everything between', async () => {
  await database.query(`insert into measures values ('2024-02-03', 1)`)
  expect(await source.barrier(5_000)).toBe(true)
  const row = { day: '2024-02-03', value: '1' }
  expect(told).toHaveLength(3)
  for (const table of ['public.measures_2024_h1', 'public.measures_2024', 'public.measures'])
    expect(told).toContainEqual({ kind: 'insert', table, new: row })
})

test('a partition without a full identity concerns its root as a table', async () => {
  await database.query(`insert into measures values ('2024-08-03', 1)`)
  await database.query('alter table measures_2024_h2 replica identity nothing')
  await database.query('alter table measures_2024_h2 replica identity default')
  await database.query('alter table measures_2024_h2 add primary key (day)')
  await ticks(3)
  told = []
  await database.query('update measures set value = 2')
  expect(await source.barrier(5_000)).toBe(true)
  expect(told).toContainEqual({ kind: 'table', table: 'public.measures_2024_h2' })
  expect(told).toContainEqual({ kind: 'table', table: 'public.measures' })
})

test('a child of plain inheritance is told for its parent; a partition attached later for its new root', async () => {
  await database.query(`insert into cats values ('Tom', 9)`)
  expect(await source.barrier(5_000)).toBe(true)
  expect(told).toContainEqual({ kind: 'insert', table: 'public.animals', new: { name: 'Tom', lives: '9' } })
  await database.query(`
    create table measures_2025 (day date, value int); alter table measures_2025 replica identity full;
    alter publication quintet add table measures_2025;
    insert into measures_2025 values ('2025-01-01', 5)`)
  expect(await source.barrier(5_000)).toBe(true)
  expect(told.filter(change => 'table' in change && change.table === 'public.measures')).toEqual([])
  await database.query(`
    alter table measures attach partition measures_2025 for values from ('2025-01-01') to ('2026-01-01');
    insert into measures values ('2025-02-02', 6)`)
  await ticks(3)
  expect(told).toContainEqual({
    kind: 'insert',
    table: 'public.measures',
    new: { day: '2025-02-02', value: '6' },
  })
})

test.for([
  ['a view', 'create or replace view shown as select id from notes'],
  ['a type', 'alter table notes alter body type varchar using upper(body)'],
  ['a function', 'create or replace function one() returns int language sql as $$ select 1 $$'],
  [
    'a setting of the database',
    'do $$ begin execute format($f$ alter database %I set application_name = %L $f$, current_database(), clock_timestamp()); end $$',
  ],
  ['row-level security', 'alter table notes enable row level security'],
  ['a privilege', 'grant select on notes to public'],
  [
    'the publication',
    'alter publication quintet drop table animals; alter publication quintet add table animals',
  ],
  ['an enum', `create type mood as enum ('a')`],
])('%s changed without a word is found, once', async ([, sql]) => {
  await database.query(sql as string)
  await expect.poll(everything, { timeout: 10_000 }).toBe(1)
  await ticks(3)
  expect(everything()).toBe(1)
})

test('announced DDL is not found a second time, nor are things that change no reads', async () => {
  await database.query(
    `begin; alter table notes add extra int; select pg_logical_emit_message(true, 'quintet.ddl', 'ALTER TABLE'); commit`,
  )
  await ticks(3)
  expect(everything()).toBe(1)
  await database.query(
    'create index on notes (body); truncate notes; analyze notes; vacuum notes'.split(';')[0] ?? '',
  )
  await database.query('truncate notes')
  await database.query('analyze notes')
  await database.query('vacuum full notes')
  await database.query(
    'create temporary table scratch (id serial primary key, mood text check (mood <> $$x$$))',
  )
  await ticks(3)
  expect(everything()).toBe(1)
})

test('a publication that is dropped ends the epoch, and its return begins one', async () => {
  const before = source.position?.epoch
  await database.query('drop publication quintet')
  await expect.poll(() => source.position, { timeout: 10_000 }).toBeNull()
  await database.query('create publication quintet for table notes, measures, animals, cats')
  await expect.poll(() => source.position?.epoch ?? before, { timeout: 10_000 }).not.toBe(before)
})
