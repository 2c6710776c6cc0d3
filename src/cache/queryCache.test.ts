import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDatabase, type Database, type QueryInterceptor } from '../data/index.ts'
import { createFeedSource, createLocalFeed, type FeedSource, type FeedView } from '../feed/index.ts'
import {
  type Analyzer,
  createAnalyzer,
  loadCatalog,
  Recorder,
  recordQueries,
  runRecorded,
} from '../reads/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { cacheQueries, sharedReads } from './queryCache.ts'
import { createSharedValues, type SharedValues } from './sharedValues.ts'

/** Real PostgreSQL and its real commit log; only when a result arrives is held, to force interleavings. */
let outside: TestDatabase
let source: FeedSource
let feed: ReturnType<typeof createLocalFeed>
let analyzer: Analyzer
let database: Database
let values: SharedValues
/** What the app's side sent to the server. */
let sent: string[]
/** Resolves when a result has arrived that is held, until `release`. */
let hold: { arrived: PromiseWithResolvers<void>; release: PromiseWithResolvers<void> } | undefined

beforeAll(async () => {
  outside = await testDatabase(`
    create table things (id int primary key, name text not null, n int not null default 0);
    alter table things replica identity full;
    create publication quintet for table things`)
  const own = createDatabase({ url: outside.url })
  const catalog = await loadCatalog((text, parameters) => own.internal.query(text, parameters), 'quintet')
  analyzer = await createAnalyzer({ catalog })
  await own.close()
  source = createFeedSource({ url: outside.url })
  await source.start()
  // On a busy machine too; what happens without freshness is sharedValues.test.ts's matter.
  feed = createLocalFeed(source, { freshnessMs: 10_000 })
  await feed.start()
})
afterAll(async () => {
  await feed.stop()
  await source.stop()
  await outside.close()
})

beforeEach(async () => {
  await expect.poll(() => feed.fresh(), { timeout: 20_000 }).toBe(true)
  await outside.query(
    `truncate things; insert into things select i, 'thing ' || i from generate_series(1, 20) i`,
  )
  await caughtUp()
  begin({ all: true })
  await database.query('select 1')
  sent = []
})
afterEach(async () => {
  values.close()
  await database.close()
})

function begin(options: { all?: boolean }): void {
  database = createDatabase({ url: outside.url, poolMax: 4 })
  database.listen(event => void sent?.push(event.text))
  recordQueries(database, analyzer)
  values = createSharedValues({ feed, maxBytes: 1_000_000 })
  const holding = (inner: QueryInterceptor): (() => void) =>
    database.intercept((query, send) =>
      inner(query, async () => {
        const result = await send()
        const held = hold
        hold = undefined
        held?.arrived.resolve()
        await held?.release.promise
        return result
      }),
    )
  cacheQueries({ intercept: holding }, { values, analyzer, ...options })
}

const caughtUp = async (): Promise<void> => expect(await feed.barrier(10_000)).toBe(true)

function request(since: { client?: FeedView['position']; acts?: boolean } = {}) {
  const recorder = new Recorder()
  const { client, acts } = since
  values.admit(recorder, { position: feed.position, client: client ?? undefined, acts })
  return {
    recorder,
    run: <T>(body: () => PromiseLike<T>): Promise<T> => runRecorded(recorder, async () => await body()),
    query: (text: string, parameters: unknown[] = []) =>
      runRecorded(recorder, async () => (await database.query(text, parameters)).rows),
  }
}

const byId = 'select name from things where id = $1'
const holdNext = () => {
  hold = { arrived: Promise.withResolvers(), release: Promise.withResolvers() }
  return { arrived: hold.arrived.promise, release: hold.release.resolve }
}

test('a result is sent for once; a commit from anywhere has it sent for again, another row’s commit does not', async () => {
  expect(await request().query(byId, [1])).toEqual([{ name: 'thing 1' }])
  const second = request()
  expect(await second.query(byId, ['1'])).toEqual([{ name: 'thing 1' }])
  expect(sent).toEqual([byId])
  expect(second.recorder.close()).toMatchObject({
    vetoes: [],
    dependencies: [{ table: 'public.things', equals: { id: ['1'] } }],
  })
  await outside.query(`update things set name = 'other' where id = 2`)
  await outside.query(`update things set n = n + 1 where id = 1`)
  await caughtUp()
  await request().query(byId, [1])
  expect(sent).toEqual([byId])
  await outside.query(`update things set name = 'renamed' where id = 1`)
  await caughtUp()
  expect(await request().query(byId, [1])).toEqual([{ name: 'renamed' }])
  expect(sent).toEqual([byId, byId])
})

test('what was absent is kept too, until it is there', async () => {
  expect(await request().query(byId, [99])).toEqual([])
  expect(await request().query(byId, [99])).toEqual([])
  expect(sent.length).toBe(1)
  await outside.query(`insert into things values (99, 'born')`)
  await caughtUp()
  expect(await request().query(byId, [99])).toEqual([{ name: 'born' }])
})

test('a result that was on its way while its rows changed is given, and not kept', async () => {
  const held = holdNext()
  const first = request()
  const reading = first.query(byId, [1])
  await held.arrived
  await outside.query(`update things set name = 'renamed' where id = 1`)
  await caughtUp()
  // Who comes after the commit doesn't wait for what was sent before it.
  expect(await request().query(byId, [1])).toEqual([{ name: 'renamed' }])
  held.release()
  expect(await reading).toEqual([{ name: 'thing 1' }])
  expect(await request().query(byId, [1])).toEqual([{ name: 'renamed' }])
  expect(sent.length).toBe(2)
})

test('requests at the same time send once', async () => {
  const held = holdNext()
  const [first, ...others] = [request(), request(), request()]
  const reading = first?.query(byId, [1])
  await held.arrived
  const waiting = others.map(one => one.query(byId, [1]))
  held.release()
  const all = await Promise.all([reading, ...waiting])
  expect(all).toEqual([1, 2, 3].map(() => [{ name: 'thing 1' }]))
  expect(new Set(all).size).toBe(3)
  expect(sent).toEqual([byId])
})

test('writes are never joined and never answered: each runs, and its writer sees it at once', async () => {
  await request().query(byId, [1])
  const increment = 'update things set n = n + 1 where id = $1 returning n'
  const rows = await Promise.all([1, 2, 3].map(() => request().query(increment, [1])))
  expect(
    rows
      .flat()
      .map(row => (row as { n: number }).n)
      .sort(),
  ).toEqual([1, 2, 3])

  const writer = request()
  expect(await writer.query(byId, [1])).toEqual([{ name: 'thing 1' }])
  await writer.query(`update things set name = 'mine' where id = $1`, [1])
  expect(await writer.query(byId, [1])).toEqual([{ name: 'mine' }])
})

test('a transaction reads for itself, also before it writes', async () => {
  await request().query(byId, [1])
  sent = []
  await request().run(() =>
    database.transaction(async tx => {
      await outside.query(`update things set name = 'renamed' where id = 1`)
      const { rows } = await tx.execute(byId.replace('$1', '1'))
      expect(rows).toEqual([{ name: 'renamed' }])
    }),
  )
  expect(sent).toEqual(['begin', byId.replace('$1', '1'), 'commit'])
})

test('a client’s own write, made through another process, is seen although the feed here was behind', async () => {
  await request().query(byId, [1])
  await outside.query(`update things set name = 'mine' where id = 1`)
  const { rows } = await outside.query<{ lsn: string }>('select pg_current_wal_flush_lsn()::text as lsn')
  const [high = '', low = ''] = rows[0]?.lsn.split('/') ?? []
  const lsn = (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
  const client = { epoch: feed.position?.epoch ?? '', lsn }
  expect(await request({ client }).query(byId, [1])).toEqual([{ name: 'mine' }])
})

test('of requests that may write only what they mark is shared', async () => {
  await request().query(byId, [1])
  sent = []
  await request({ acts: true }).query(byId, [1])
  expect(sent).toEqual([byId])
  await request().run(() => database.marked(sharedReads).execute('select 2'))
  sent = []
  await request({ acts: true }).run(() => database.marked(sharedReads).execute('select 2'))
  expect(sent).toEqual([])
})

test('without the setting only marked reads are shared', async () => {
  values.close()
  await database.close()
  begin({})
  await database.query('select 1')
  sent = []
  for (let n = 0; n < 2; n++) {
    await request().query('select name from things where id = 3')
    await request().run(() => database.marked(sharedReads).execute('select name from things where id = 4'))
  }
  expect(sent.filter(text => text.endsWith('3')).length).toBe(2)
  expect(sent.filter(text => text.endsWith('4')).length).toBe(1)
})

test('what is no function of its rows is never shared', async () => {
  const texts = [
    'select random()',
    'select now()',
    'select name from things where id = 1 for share',
    "select nextval(pg_get_serial_sequence('things', 'id'))",
    'select count(*) from pg_class',
  ]
  for (const text of texts) {
    for (let n = 0; n < 2; n++)
      await request()
        .query(text)
        .catch(() => {})
    expect(sent.filter(one => one === text).length).toBe(2)
  }
  // A parameter that PostgreSQL takes for the clock.
  const clock = `select count(*) from things where now() > $1::timestamptz and name <> ''`
  for (let n = 0; n < 2; n++) await request().query(clock, ['yesterday'])
  expect(sent.filter(one => one === clock).length).toBe(2)
})

test('a failed query is not kept, and vetoes all who waited', async () => {
  const bad = 'select 1 / (n - n) from things where id = $1'
  const [first, second] = [request(), request()]
  const results = await Promise.allSettled([first.query(bad, [1]), second.query(bad, [1])])
  expect(results.map(one => one.status)).toEqual(['rejected', 'rejected'])
  for (const { recorder } of [first, second])
    expect(recorder.close().vetoes.join()).toContain('division by zero')
  expect(values.stats().entries).toBe(0)
})

test('a truncated table empties what was read of it', async () => {
  await request().query(byId, [1])
  expect(values.stats().entries).toBe(1)
  await outside.query('truncate things')
  await caughtUp()
  expect(values.stats().entries).toBe(0)
})

test('in a storm of commits and held results nothing is kept that the database would not say', async () => {
  const random = (n: number): number => Math.floor(Math.random() * n)
  const texts = [
    byId,
    'select count(*)::int as n from things where name = $1',
    'select sum(n)::int from things where id < $1',
  ]
  const parametersOf = (text: string): unknown[] =>
    text.includes('name = $1') ? [`thing ${1 + random(5)}`] : [1 + random(5)]
  const asked = new Map<string, { text: string; parameters: unknown[] }>()
  let isOver = false

  async function readAndCompare(): Promise<void> {
    while (!isOver) {
      const text = texts[random(texts.length)] ?? byId
      const parameters = parametersOf(text)
      asked.set(JSON.stringify([text, parameters]), { text, parameters })
      if (random(4) === 0 && !hold) {
        const held = holdNext()
        void held.arrived.then(() => setTimeout(held.release, random(10)))
      }
      await request().query(text, parameters)
      // A hit waits for nothing; the log and the other side must get their turn.
      await new Promise(setImmediate)
    }
  }
  const readers = [1, 2, 3].map(readAndCompare)
  for (let commit = 0; commit < 300; commit++) {
    const id = 1 + random(5)
    const change = [
      'update things set n = n + 1 where id = $1',
      `update things set name = 'thing ' || (1 + (n % 5)) where id = $1`,
    ]
    await outside.query(change[random(2)] ?? '', [id])
  }
  isOver = true
  await Promise.all(readers)
  await caughtUp()
  expect(values.stats().hits).toBeGreaterThan(0)
  expect(values.stats().purged).toBeGreaterThan(0)
  sent = []
  for (const { text, parameters } of asked.values()) {
    const kept = await request().query(text, parameters)
    expect(kept, text).toEqual((await outside.query(text, parameters)).rows)
  }
  expect(sent.length, 'some of it came from the cache').toBeLessThan(asked.size)
})
