import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { DedicatedConnection, ReplicationConnection } from '../data/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Transaction } from './change.ts'
import * as signals from './signals.ts'
import { openSlot } from './slot.ts'
import { createFeedSource, type FeedSource } from './source.ts'

/** Other tests' open transactions hold slots up. */
const long = { timeout: 20_000 }
let database: TestDatabase
let source: FeedSource | undefined
const clients: pg.Client[] = []

beforeAll(async () => {
  database = await testDatabase(`
    create table notes (id int primary key);
    alter table notes replica identity full;
    create publication quintet for table notes`)
})
afterEach(async () => {
  await source?.stop()
  for (const client of clients.splice(0)) await client.end()
})
afterAll(() => database.close())

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url, application_name: 'a writer' })
  await client.connect()
  clients.push(client)
  return client
}

/** The next payload of a signal that the predicate takes. */
function next<Payload>(
  signal: { subscribe(listener: (payload: Payload) => void): () => void },
  wanted: (payload: Payload) => boolean = () => true,
): Promise<Payload> {
  return new Promise(resolve => {
    const stop = signal.subscribe(payload => {
      if (!wanted(payload)) return
      stop()
      resolve(payload)
    })
  })
}

test('no position is published while a writer from before is open, and the signal names it', async () => {
  const writer = await connect()
  await writer.query('begin; insert into notes values (1)')
  source = createFeedSource({ url: database.url })
  const waiting = next(signals.waiting, ({ holders }) => holders.some(holder => holder.includes('a writer')))
  await source.start()
  const { waitedMs } = await waiting
  expect(waitedMs).toBeGreaterThan(900)
  expect(source.position).toBeNull()
  expect(await source.barrier(10)).toBe(false)
  await writer.query('commit')
  await next(signals.connected)
  expect(source.position).not.toBeNull()
})

test('rule 1: a commit from before the slot that does not show yet holds the first position back', async () => {
  // The slot exists; what the fence finds in progress is played by a connection that answers by hand.
  const snapshots = ['90:120:90,100', '100:120:100', '101:120:110', '111:120:']
  const asked: string[] = []
  const answering = {
    async query(text: string) {
      asked.push(text)
      if (text.includes('pg_current_xact_id')) return [{ xid: '110' }]
      return [{ snapshot: snapshots.shift() ?? 'too late' }]
    },
  } as unknown as DedicatedConnection
  const replication = {
    query: async () => [{ consistent_point: '0/1000' }],
  } as unknown as ReplicationConnection
  expect(await openSlot(replication, answering, answering, 'word')).toEqual({ epoch: 'word', lsn: 0x1000n })
  expect(snapshots).toEqual([])
  expect(asked[0]).toContain('pg_current_xact_id')
})

test('writes before and during the start are covered by the first position or told after it', async () => {
  const writer = await connect()
  await database.query('truncate notes')
  let running = true
  let last = 0
  const writing = (async () => {
    while (running) await writer.query('insert into notes values ($1)', [++last])
  })()
  source = createFeedSource({ url: database.url })
  const told: Transaction[] = []
  source.onTransaction(transaction => told.push(transaction))
  const begun = new Promise<number>(resolve => {
    // A read that starts at the first position: what it sees, plus what is told, must leave no gap.
    source?.onBegin(async () => {
      const { rows } = await database.query<{ max: number }>('select coalesce(max(id), 0) as max from notes')
      resolve(rows[0]?.max ?? 0)
    })
  })
  await source.start()
  const read = await begun
  running = false
  await writing
  expect(await source.barrier(5_000)).toBe(true)
  const ids = told.flatMap(({ changes }) =>
    changes.map(change => (change.kind === 'insert' ? Number(change.new.id) : 0)),
  )
  expect(ids.at(-1)).toBe(last)
  expect(ids[0]).toBeLessThanOrEqual(read + 1)
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => (ids[0] ?? 0) + index))
})

test('a terminated walsender means a new epoch: reset, and a new position', async () => {
  source = createFeedSource({ url: database.url, backoffMs: { first: 10, longest: 100 } })
  await source.start()
  await expect.poll(() => source?.position, long).not.toBeNull()
  const before = source.position
  const resets: (string | null)[] = []
  source.onReset(() => resets.push(source?.position?.epoch ?? null))
  await database.query(
    `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'quintet_${before?.epoch}'`,
  )
  await expect.poll(() => source?.position?.epoch ?? before?.epoch, long).not.toBe(before?.epoch)
  expect(resets).toEqual([null, null])
  expect(before && source.since(before)).toBeNull()
  expect(before && (await source.reached(before, 1_000))).toBe(false)
  await database.query('truncate notes')
  expect(await source.barrier(5_000)).toBe(true)
})

test('the loss of the connection that watches visibility ends the epoch too', async () => {
  source = createFeedSource({ url: database.url, backoffMs: { first: 10, longest: 100 } })
  await source.start()
  await expect.poll(() => source?.position, long).not.toBeNull()
  const before = source.position?.epoch
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'quintet-feed-visibility' and datname = current_database()`,
  )
  await expect.poll(() => source?.position?.epoch ?? before, long).not.toBe(before)
})

test('stopping while an open writer holds up the slot leaves nothing in the server', async () => {
  const writer = await connect()
  await writer.query('begin; insert into notes values (100)')
  source = createFeedSource({ url: database.url })
  await source.start()
  await next(signals.waiting, event => event.for === 'slot')
  await source.stop()
  await expect
    .poll(async () => {
      const { rows } = await database.query(
        `select application_name from pg_stat_activity where datname = current_database() and application_name like 'quintet-feed%'`,
      )
      return rows
    })
    .toEqual([])
  await writer.query('rollback')
})

test('nothing of the feed stays in the server after stop', async () => {
  source = createFeedSource({ url: database.url })
  await source.start()
  await expect.poll(() => source?.position, long).not.toBeNull()
  await source.stop()
  await source.stop()
  await expect
    .poll(async () => {
      const { rows } = await database.query(
        `select slot_name from pg_replication_slots where database = current_database()
         union all select application_name from pg_stat_activity where datname = current_database() and application_name like 'quintet-feed%'`,
      )
      return rows
    })
    .toEqual([])
})

test('what is wrong with the publication is said at start', async () => {
  const starting = (publication: string) => createFeedSource({ url: database.url, publication }).start()
  await expect(starting('none')).rejects.toThrow(/FEED_NO_PUBLICATION: .*none.*quintet migrate/)
  await database.query(`create publication inserts for table notes with (publish = 'insert')`)
  await expect(starting('inserts')).rejects.toThrow(/FEED_PUBLICATION_PARTIAL/)
  await database.query('create publication rooted for table notes with (publish_via_partition_root = true)')
  await expect(starting('rooted')).rejects.toThrow(/FEED_PUBLICATION_PARTIAL/)
  await database.query('create publication filtered for table notes where (id > 3)')
  await expect(starting('filtered')).rejects.toThrow(/FEED_PUBLICATION_PARTIAL: .*filters the rows of notes/)
  await database.query('drop publication inserts, rooted, filtered')
})

test('the name of the publication may be anything', async () => {
  await database.query(`create publication "Odd 'and'' ""quoted" for table notes`)
  source = createFeedSource({ url: database.url, publication: `Odd 'and'' "quoted` })
  await source.start()
  await expect.poll(() => source?.position, long).not.toBeNull()
  const told: Transaction[] = []
  source.onTransaction(transaction => told.push(transaction))
  await database.query('truncate notes; insert into notes values (1)')
  expect(await source.barrier(5_000)).toBe(true)
  expect(told).toHaveLength(1)
})

test('a role that may not follow the log is told how to be allowed to', async () => {
  const role = `reader_${database.name}`
  await database.query(`create role ${role} login password 'secret'`)
  try {
    const url = new URL(database.url)
    url.username = role
    url.password = 'secret'
    await expect(createFeedSource({ url: url.href }).start()).rejects.toThrow(
      new RegExp(`FEED_NO_PRIVILEGE: Role ${role} .*ALTER ROLE ${role} REPLICATION`),
    )
  } finally {
    await database.query(`drop role ${role}`)
  }
})
