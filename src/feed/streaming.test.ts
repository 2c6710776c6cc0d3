import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Transaction } from './change.ts'
import * as signals from './signals.ts'
import { createFeedSource, type FeedSource } from './source.ts'

let database: TestDatabase
let source: FeedSource
let told: Transaction[]

beforeAll(async () => {
  database = await testDatabase(`
    create table bulk (id int, filler text);
    create table notes (id int primary key);
    alter table bulk replica identity full;
    alter table notes replica identity full;
    create publication quintet for table bulk, notes`)
})
afterAll(() => database.close())

beforeEach(async () => {
  await database.query('truncate bulk, notes')
  const url = new URL(database.url)
  url.searchParams.set('options', '-c logical_decoding_work_mem=64kB')
  source = createFeedSource({ url: url.href, tickMs: 50, rowLimits: { rowsPerTable: 1_500 } })
  await source.start()
  await expect.poll(() => source.position, { timeout: 20_000 }).not.toBeNull()
  told = []
  source.onTransaction(transaction => told.push(transaction))
})
afterEach(() => source.stop())

/** Resolves when the server tells a transaction that has not ended. */
function streaming(): Promise<void> {
  return new Promise(resolve => {
    const stop = signals.lag.subscribe(lag => {
      if (lag.streaming === 0) return
      stop()
      resolve()
    })
  })
}

const rows = (from: number, to: number): string =>
  `insert into bulk select n, repeat('x', 100) from generate_series(${from}, ${to}) n`

test('a streamed transaction is told at its commit, after those that committed before, without its rolled-back parts', async () => {
  const writer = new pg.Client({ connectionString: database.url })
  await writer.connect()
  await writer.query(
    `begin; ${rows(1, 1_000)}; savepoint one; ${rows(1_001, 1_400)}; savepoint two; ${rows(1_401, 2_600)}`,
  )
  const begun = streaming()
  await database.query('insert into notes values (1)')
  await begun
  expect(await source.barrier(5_000)).toBe(true)
  expect(told.map(({ changes }) => changes)).toEqual([
    [{ kind: 'insert', table: 'public.notes', new: { id: '1' } }],
  ])
  // Takes the inner savepoint with it.
  await writer.query(`rollback to one; insert into notes values (2); commit`)
  await writer.end()
  expect(await source.barrier(5_000)).toBe(true)
  const changes = told[1]?.changes ?? []
  expect(told).toHaveLength(2)
  expect(changes.filter(change => change.kind === 'table')).toEqual(told[1] && summedUp)
  expect(changes.filter(change => change.kind === 'insert' && change.table === 'public.notes')).toHaveLength(
    1,
  )
})

/** The 2,600 rows told before the roll-back are past the limit of 1,500, and summing up is for good. */
const summedUp = [{ kind: 'table', table: 'public.bulk' }]

test('the rows of a rolled-back savepoint in a streamed transaction are not told', async () => {
  const writer = new pg.Client({ connectionString: database.url })
  await writer.connect()
  const begun = streaming()
  await writer.query(`begin; ${rows(1, 700)}; savepoint one; ${rows(-700, -1)}`)
  await database.query('insert into notes values (1)')
  await begun
  await writer.query(`rollback to one; insert into notes values (2); ${rows(701, 1_400)}; commit`)
  await writer.end()
  expect(await source.barrier(5_000)).toBe(true)
  const ids = (told[1]?.changes ?? []).flatMap(change =>
    change.kind === 'insert' && change.table === 'public.bulk' ? [Number(change.new.id)] : [],
  )
  expect(ids.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_400 }, (_, index) => index + 1))
})

test('a streamed transaction that is rolled back is not told', async () => {
  const writer = new pg.Client({ connectionString: database.url })
  await writer.connect()
  const begun = streaming()
  await writer.query(`begin; ${rows(1, 2_000)}`)
  await database.query('insert into notes values (1)')
  await begun
  await writer.query('rollback')
  await writer.end()
  const ended = new Promise<void>(resolve => {
    const stop = signals.lag.subscribe(lag => {
      if (lag.streaming > 0) return
      stop()
      resolve()
    })
  })
  await database.query('insert into notes values (2)')
  await ended
  expect(await source.barrier(5_000)).toBe(true)
  expect(told).toHaveLength(2)
})

test('an update of 100,000 rows in one transaction is one change', async () => {
  await database.query(rows(1, 100_000))
  await database.query(`update bulk set filler = 'y'`)
  expect(await source.barrier(20_000)).toBe(true)
  expect(told.map(({ changes }) => changes)).toEqual([summedUp, summedUp])
})
