import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Service } from '../core/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import type { Transaction } from './change.ts'
import { createFeedClient, type FeedClient, type FeedClientOptions } from './client.ts'
import { createLocalFeed } from './local.ts'
import { createFeedServer } from './server.ts'
import * as signals from './signals.ts'
import { createFeedSource, type FeedSource } from './source.ts'

const long = { timeout: 20_000 }
let database: TestDatabase
let source: FeedSource
let folder: string
let path: string
const services: Service[] = []

beforeAll(async () => {
  database = await testDatabase(`
    create table notes (id int primary key, body text);
    alter table notes replica identity full;
    create publication quintet for table notes`)
})
afterAll(() => database.close())

beforeEach(async () => {
  await database.query('truncate notes')
  folder = mkdtempSync(join(tmpdir(), 'feed-'))
  path = join(folder, 'feed.sock')
  source = createFeedSource({
    url: database.url,
    logLimits: { maxTransactions: 50 },
    backoffMs: { first: 10, longest: 100 },
  })
  await source.start()
  await expect.poll(() => source.position, long).not.toBeNull()
})
afterEach(async () => {
  for (const service of services.splice(0).reverse()) await service.stop()
  await source.stop()
  rmSync(folder, { recursive: true, force: true })
})

async function serve(options?: Parameters<typeof createFeedServer>[2]): Promise<Service> {
  const server = createFeedServer(source, path, options)
  await server.start()
  services.push(server)
  return server
}

async function follow(
  options: Partial<FeedClientOptions> = {},
): Promise<FeedClient & { told: Transaction[]; resets: string[] }> {
  const client = createFeedClient({ socketPath: path, ...options })
  const told: Transaction[] = []
  const resets: string[] = []
  client.onTransaction(transaction => told.push(transaction))
  client.onReset(reason => resets.push(reason))
  await client.start()
  // Joining is a reset too; the tests ask for those after it.
  resets.length = 0
  services.push(client)
  return Object.assign(client, { told, resets })
}

const insert = (from: number, to = from): Promise<unknown> =>
  database.query(
    `do $$ begin for n in ${from}..${to} loop insert into notes values (n, 'body ' || n); commit; end loop; end $$`,
  )

const ids = (transactions: readonly Transaction[]): number[] =>
  transactions.flatMap(({ changes }) =>
    changes.map(change => (change.kind === 'insert' ? Number(change.new.id) : -1)),
  )

/** A stretch of socket between client and server that can be held up or cut: a feed process that is stopped or dies. */
async function passage(): Promise<{ path: string; hold(on: boolean): void; cut(): void }> {
  const entrance = join(folder, 'passage.sock')
  const pairs = new Set<[Socket, Socket]>()
  let held = false
  const server: Server = createServer(near => {
    const far = connect(path)
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    for (const [from, to] of [pair, [far, near]] as const) {
      from.on('error', () => {})
      from.on('data', chunk => to.write(chunk))
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
      if (held) from.pause()
    }
  })
  server.listen(entrance)
  await once(server, 'listening')
  const stopped: Service = {
    name: 'passage',
    start: async () => {},
    async stop() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
      server.close()
    },
  }
  services.push(stopped)
  return {
    path: entrance,
    hold(on) {
      held = on
      for (const pair of pairs) for (const socket of pair) on ? socket.pause() : socket.resume()
    },
    cut() {
      for (const pair of pairs) for (const socket of pair) socket.destroy()
    },
  }
}

test('a client sees every transaction, in order, as the source tells it', async () => {
  await serve()
  const client = await follow()
  const direct: Transaction[] = []
  source.onTransaction(transaction => direct.push(transaction))
  expect(client.position).not.toBeNull()
  await insert(1, 30)
  await database.query(`update notes set body = E'a\\nb "c" ü' where id = 1`)
  expect(await client.barrier(5_000)).toBe(true)
  expect(ids(client.told.slice(0, 30))).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
  expect(client.told).toEqual(direct)
  expect(client.told.at(-1)?.changes[0]).toMatchObject({ kind: 'update', changed: ['body'] })
})

test('a barrier covers what was committed before it, on every process', async () => {
  await serve()
  const [one, two] = [await follow(), await follow()]
  for (let n = 1; n <= 20; n++) {
    await insert(n)
    const client = n % 2 ? one : two
    expect(await client.barrier(5_000)).toBe(true)
    expect(ids(client.told).at(-1)).toBe(n)
  }
})

test('start resolves without a feed, and the client joins when it comes', async () => {
  const client = await follow({ joinTimeoutMs: 20 })
  expect(client.position).toBeNull()
  expect(client.fresh()).toBe(false)
  expect(await client.barrier(10)).toBe(false)
  const barrier = client.barrier(10_000)
  await serve()
  expect(await barrier).toBe(true)
  expect(client.fresh()).toBe(true)
  // What happened before the join was told to nobody.
  expect(client.resets).toHaveLength(1)
})

test('a cut connection resumes without a gap and without a reset', async () => {
  await serve()
  const way = await passage()
  const client = await follow({ socketPath: way.path })
  await insert(1)
  expect(await client.barrier(5_000)).toBe(true)
  const before = client.position
  const resumed = new Promise<void>(resolve => {
    const stop = signals.client.subscribe(({ event }) => {
      if (event !== 'resumed') return
      stop()
      resolve()
    })
  })
  way.cut()
  await insert(2, 20)
  await resumed
  expect(await client.barrier(5_000)).toBe(true)
  expect(ids(client.told)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1))
  expect(client.resets).toEqual([])
  expect(before && ids(client.since(before) ?? [])).toEqual(Array.from({ length: 19 }, (_, n) => n + 2))
})

test('a client that was away for longer than the server remembers is reset', async () => {
  const server = await serve()
  const client = await follow()
  await server.stop()
  await insert(1, 60)
  expect(await source.barrier(5_000)).toBe(true)
  await serve()
  await expect.poll(() => client.resets.length, long).toBe(1)
  expect(await client.barrier(5_000)).toBe(true)
  expect(client.told).toEqual([])
  await insert(61)
  expect(await client.barrier(5_000)).toBe(true)
  expect(ids(client.told)).toEqual([61])
})

test('a feed that is held up makes stale; once it is back it is fresh again, with nothing lost or reset', async () => {
  await serve()
  const way = await passage()
  let passedMs = 0
  const clock = { now: () => Date.now() + passedMs, monotonic: () => performance.now() + passedMs }
  const client = await follow({ socketPath: way.path, freshnessMs: 200, clock })
  await expect.poll(() => client.fresh(), long).toBe(true)
  way.hold(true)
  await insert(1, 10)
  await expect.poll(() => client.fresh(), long).toBe(false)
  expect(client.position).not.toBeNull()
  // However long it lasts: the answers that wait in the buffers are too old to make anything fresh.
  passedMs = 60_000
  const sawWhenFresh: number[] = []
  client.onTransaction(() => {
    // Whatever waited in the buffers arrives before anything counts as fresh.
    if (client.fresh()) sawWhenFresh.push(client.told.length)
  })
  way.hold(false)
  await expect.poll(() => client.fresh(), { ...long, interval: 1 }).toBe(true)
  expect(ids(client.told)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(sawWhenFresh).toEqual([])
  expect(client.resets).toEqual([])
})

test('a new epoch at the source resets every client, and they go on in it', async () => {
  await serve()
  const client = await follow()
  const epoch = client.position?.epoch
  await database.query(
    `select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'quintet_${epoch}'`,
  )
  await expect.poll(() => client.resets.length, long).toBeGreaterThan(0)
  await expect.poll(() => client.position?.epoch ?? epoch, long).not.toBe(epoch)
  await insert(1)
  expect(await client.barrier(5_000)).toBe(true)
  expect(ids(client.told)).toEqual([1])
  // For the loss, and before the new position.
  expect(client.resets).toHaveLength(2)
})

test('a client that does not read is dropped, and the others go on', async () => {
  await serve({ maxBufferedBytes: 10_000 })
  const client = await follow()
  const deaf = connect(path)
  deaf.on('error', () => {})
  deaf.write(`${JSON.stringify({ type: 'join', since: null })}\n`)
  await once(deaf, 'data')
  deaf.pause()
  const dropped = new Promise<void>(resolve => {
    const stop = signals.client.subscribe(({ event }) => {
      if (event !== 'tooSlow') return
      stop()
      resolve()
    })
  })
  let gone = false
  void dropped.then(() => {
    gone = true
  })
  for (let n = 0; !gone; n += 1_000) {
    await database.query(
      `insert into notes select n, repeat('x', 60) from generate_series(${n}, ${n + 999}) n`,
    )
    await client.barrier(5_000)
  }
  deaf.destroy()
  await insert(-1)
  expect(await client.barrier(5_000)).toBe(true)
  expect(ids(client.told).at(-1)).toBe(-1)
})

test('nonsense on the socket ends that connection only', async () => {
  await serve()
  const client = await follow()
  const rude = connect(path)
  rude.on('error', () => {})
  rude.write('GET / HTTP/1.1\r\n\r\n')
  await once(rude, 'close')
  await insert(1)
  expect(await client.barrier(5_000)).toBe(true)
})

test('a socket file left behind is replaced, a living one is refused, and only its user may connect', async () => {
  // What a process killed by SIGKILL leaves: a bound file that nobody listens on.
  const killed = spawnSync(process.execPath, [
    '-e',
    `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
  ])
  expect(killed.signal).toBe('SIGKILL')
  expect(existsSync(path)).toBe(true)
  await serve()
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await follow()
  await expect(createFeedServer(source, path).start()).rejects.toThrow(/FEED_SOCKET_TAKEN: .*feed\.sock/)
  await expect(createFeedServer(source, join(folder, 'no', 'feed.sock')).start()).rejects.toThrow(
    /FEED_SOCKET_UNUSABLE/,
  )
})

test('a file that is no socket is not removed', async () => {
  writeFileSync(path, 'precious')
  await expect(createFeedServer(source, path).start()).rejects.toThrow(/FEED_SOCKET_UNUSABLE/)
  expect(readFileSync(path, 'utf8')).toBe('precious')
})

test('in one process the source itself serves as the view', async () => {
  const local = createLocalFeed(source, { freshnessMs: 200 })
  services.push(local)
  expect(local.fresh()).toBe(false)
  await local.start()
  await expect.poll(() => local.fresh(), long).toBe(true)
  const told: Transaction[] = []
  local.onTransaction(transaction => told.push(transaction))
  await insert(1)
  expect(await local.barrier(5_000)).toBe(true)
  expect(ids(told)).toEqual([1])
  await source.stop()
  expect(local.fresh()).toBe(false)
  expect(local.position).toBeNull()
})
