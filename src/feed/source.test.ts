import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { parseLsn } from '../data/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Change, Transaction } from './change.ts'
import { createFeedSource, type FeedSource } from './source.ts'

let database: TestDatabase
let source: FeedSource
let seen: Transaction[]

beforeAll(async () => {
  database = await testDatabase(`
    create table articles (id int primary key, title text, body text);
    create table tags (name text primary key);
    create table unseen (id int primary key);
    alter table articles replica identity full;
    alter table tags replica identity full;
    create publication quintet for table articles, tags`)
})
afterAll(() => database.close())

beforeEach(async () => {
  await database.query('truncate articles, tags, unseen')
  source = createFeedSource({ url: database.url })
  await source.start()
  await expect.poll(() => source.position, { timeout: 20_000 }).not.toBeNull()
  seen = []
  source.onTransaction(transaction => seen.push(transaction))
})
afterEach(() => source.stop())

/** Runs the SQL and returns the changes of every transaction that it made. */
async function changesOf(sql: string): Promise<Change[][]> {
  expect(await source.barrier(5_000)).toBe(true)
  seen = []
  await database.query(sql)
  expect(await source.barrier(5_000)).toBe(true)
  return seen.map(transaction => [...transaction.changes])
}

test('tells inserts, updates with both rows and the changed columns, and deletes', async () => {
  expect(await changesOf(`insert into articles values (1, 'One', 'first'), (2, null, '')`)).toEqual([
    [
      { kind: 'insert', table: 'public.articles', new: { id: '1', title: 'One', body: 'first' } },
      { kind: 'insert', table: 'public.articles', new: { id: '2', title: null, body: '' } },
    ],
  ])
  expect(await changesOf(`update articles set title = 'Uno' where id = 1`)).toEqual([
    [
      {
        kind: 'update',
        table: 'public.articles',
        old: { id: '1', title: 'One', body: 'first' },
        new: { id: '1', title: 'Uno', body: 'first' },
        changed: ['title'],
      },
    ],
  ])
  expect(await changesOf('delete from articles where id = 2')).toEqual([
    [{ kind: 'delete', table: 'public.articles', old: { id: '2', title: null, body: '' } }],
  ])
})

test('tells nothing of what was rolled back, wholly or to a savepoint', async () => {
  expect(await changesOf(`begin; insert into tags values ('gone'); rollback`)).toEqual([])
  expect(
    await changesOf(`
      begin; insert into tags values ('kept'); savepoint one; insert into tags values ('gone');
      rollback to one; insert into tags values ('also kept'); commit`),
  ).toEqual([
    [
      { kind: 'insert', table: 'public.tags', new: { name: 'kept' } },
      { kind: 'insert', table: 'public.tags', new: { name: 'also kept' } },
    ],
  ])
})

test('takes an unchanged TOASTed value from the old row', async () => {
  // Random, so that it is stored out of line.
  await database.query(
    `insert into articles select 9, 'Big', string_agg(md5(n::text), '') from generate_series(1, 2000) n`,
  )
  const [[change] = []] = await changesOf(`update articles set title = 'Bigger' where id = 9`)
  expect(change).toMatchObject({ kind: 'update', changed: ['title'] })
  if (change?.kind !== 'update') throw new Error('no update')
  expect(change.new.body).toMatch(/^#/)
  expect(change.new.body).toBe(change.old.body)
})

test('a truncate concerns its tables as a whole', async () => {
  expect(await changesOf('truncate articles, tags')).toEqual([
    [
      { kind: 'table', table: 'public.articles' },
      { kind: 'table', table: 'public.tags' },
    ],
  ])
})

test('without a full old row a change concerns the table', async () => {
  await database.query('alter table tags replica identity default')
  try {
    expect(await changesOf(`insert into tags values ('a')`)).toMatchObject([[{ kind: 'insert' }]])
    expect(await changesOf(`update tags set name = 'b'`)).toEqual([[{ kind: 'table', table: 'public.tags' }]])
    expect(await changesOf('delete from tags')).toEqual([[{ kind: 'table', table: 'public.tags' }]])
  } finally {
    await database.query('alter table tags replica identity full')
  }
})

test('announced DDL concerns everything, and only if it commits', async () => {
  const announce = `select pg_logical_emit_message(true, 'quintet.ddl', 'ALTER TABLE')`
  expect(await changesOf(`begin; ${announce}; rollback`)).toEqual([])
  expect(await changesOf(announce)).toEqual([[{ kind: 'everything', reason: 'ALTER TABLE' }]])
  expect(await changesOf(`select pg_logical_emit_message(true, 'other', 'x')`)).toEqual([])
})

test('a table with more rows changed than the limit is summed up, others in the transaction are not', async () => {
  const [changes = []] = await changesOf(`
    begin; insert into articles select n from generate_series(1, 5001) n; insert into tags values ('one'); commit`)
  expect(changes).toEqual([
    { kind: 'table', table: 'public.articles' },
    { kind: 'insert', table: 'public.tags', new: { name: 'one' } },
  ])
})

test('a long value is told as a digest, equal for equal values', async () => {
  const long = 'x'.repeat(65)
  const [[first] = []] = await changesOf(`insert into articles values (1, '${long}', '${long}')`)
  if (first?.kind !== 'insert') throw new Error('no insert')
  expect(first.new.title).toMatch(/^#.{22}$/)
  expect(first.new.title).toBe(first.new.body)
})

test('positions are the ends of commits: a write position is reached, and not before its transaction was told', async () => {
  const client = await database.query<{ lsn: string }>(`insert into tags values ('mine'); `)
  expect(client.rowCount).toBe(1)
  const { rows } = await database.query<{ lsn: string }>('select pg_current_wal_insert_lsn() as lsn')
  const target = { epoch: source.position?.epoch ?? '', lsn: parseLsn(rows[0]?.lsn ?? '') }
  let toldBefore = false
  const reached = source.reached(target, 5_000).then(yes => {
    toldBefore = seen.some(transaction => transaction.changes.some(change => change.kind === 'insert'))
    return yes
  })
  expect(await source.barrier(5_000)).toBe(true)
  expect(await reached).toBe(true)
  expect(toldBefore).toBe(true)
  expect(await source.reached({ epoch: 'other', lsn: 1n }, 5_000)).toBe(false)
})

test('writes to tables outside the publication only move the position', async () => {
  const before = source.position?.lsn ?? 0n
  expect(await changesOf('insert into unseen values (1)')).toEqual([])
  expect(source.position?.lsn).toBeGreaterThan(before)
})

test('a barrier covers commits that are not flushed yet', async () => {
  for (let n = 0; n < 20; n++) {
    const changes = await changesOf(
      `set synchronous_commit = off; insert into tags values ('async ${n}'); set synchronous_commit = on`,
    )
    expect(changes).toEqual([[{ kind: 'insert', table: 'public.tags', new: { name: `async ${n}` } }]])
  }
})

test('since() gives what came after a position', async () => {
  const start = source.position
  await changesOf(`insert into tags values ('a')`)
  const middle = seen.at(-1)?.position
  await changesOf(`insert into tags values ('b')`)
  if (!start || !middle) throw new Error('no positions')
  expect(source.since(start)).toHaveLength(2)
  expect(source.since(middle)).toHaveLength(1)
  const reach = source.reach?.lsn ?? 0n
  expect(source.since({ epoch: start.epoch, lsn: reach })).toHaveLength(2)
  expect(source.since({ epoch: start.epoch, lsn: reach - 1n })).toBeNull()
  expect(source.since({ epoch: 'other', lsn: start.lsn })).toBeNull()
})
