import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
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
  await expect.poll(() => source.position).not.toBeNull()
  seen = []
  source.onTransaction(transaction => seen.push(transaction))
})
afterEach(() => source.stop())

/** Runs the SQL and returns the changes of every transaction that it made. */
async function changesOf(sql: string): Promise<Change[][]> {
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
