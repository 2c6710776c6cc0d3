import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { randomFrom } from '../../bench/statistics.ts'
import { createPageStore, type PageRequest, type PageStore } from '../../src/cache/index.ts'
import { startAll } from '../../src/core/index.ts'
import { createDatabase, type Database, formatPosition } from '../../src/data/index.ts'
import { createFeedClient, createFeedServer, createFeedSource, type FeedView } from '../../src/feed/index.ts'
import {
  createAnalyzer,
  loadCatalog,
  type ReadRecord,
  Recorder,
  recordQueries,
  runRecorded,
} from '../../src/reads/index.ts'
import { naiveFeed } from './naiveFeed.ts'
import { articles, authors, commit, pages, stormSchema } from './stormWorkload.ts'

export interface StormOptions {
  readonly url: string
  /** False: commits are told when the log speaks of them, not once they are visible. */
  readonly visibilityCheck: boolean
  /** False: whatever was rendered is stored, whatever changed meanwhile. */
  readonly fillCheck: boolean
  /** `on` waits for the standby, `local` for this server's disk only. */
  readonly synchronousCommit: 'on' | 'local'
  readonly commits: number
  /** How often the storm is stilled and every entry is compared with a fresh render. */
  readonly audits: number
  readonly seed: number
}

export interface StormReport {
  readonly commits: number
  readonly stored: number
  readonly purged: number
  readonly hits: number
  /** Responses that were not stored because something they read had changed meanwhile. */
  readonly refused: number
  /** Entries that were compared, over all audits. */
  readonly audited: number
  /** Entries whose fresh render differed. */
  readonly stale: readonly string[]
}

/** What a worker would hand over to an edge. */
interface Rendered {
  readonly body: string
  readonly record: ReadRecord
}

/** The two processes' views of one feed, which are seldom equally far. */
interface Views {
  readonly worker: FeedView
  readonly edge: FeedView
  close(): Promise<void>
}

const readers = 6
const writers = 4
const slowestRenderMs = 12

/**
 * Commits as fast as they will go, from raw SQL, while pages are rendered slowly, stored, purged and made again at
 * once; stilled several times, when every entry left in the store is compared with a fresh render.
 */
export async function storm(options: StormOptions): Promise<StormReport> {
  const random = randomFrom(options.seed)
  const clients = await connectWriters(options)
  await clients[0]?.query(stormSchema)
  const database = createDatabase({ url: options.url, poolMax: readers + 4 })
  const catalog = await loadCatalog((text, values) => database.internal.query(text, values), 'quintet')
  const stopRecording = recordQueries(database, await createAnalyzer({ catalog }))
  const views = options.visibilityCheck
    ? await realViews(options.url)
    : await naiveViews(options.url, database)
  const feed = options.fillCheck ? views.edge : withoutFillCheck(views.edge)
  const again = new Set<Promise<unknown>>()
  const store = createPageStore({
    maxBytes: 64 * 1024 ** 2,
    maxEntryBytes: 1024 ** 2,
    feed,
    onPurged(entry) {
      const made = new Promise<void>(resolve =>
        setImmediate(() => {
          void visit(entry.request.path, 0).then(resolve, resolve)
        }),
      ).finally(() => again.delete(made))
      again.add(made)
    },
  })

  async function visit(path: string, slowMs: number): Promise<void> {
    const request = requestFor(path)
    if (store.lookup(request)) return
    const { body, record } = await render(database, views.worker, path, slowMs)
    store.fill(request, { status: 200, headers: [], body: Buffer.from(body) }, record)
  }

  let committed = 0
  const stale: string[] = []
  let audited = 0
  try {
    for (let round = 1; round <= options.audits; round++) {
      const until = Math.ceil((options.commits * round) / options.audits)
      let writing = true
      const reading = Array.from({ length: readers }, async () => {
        while (writing) {
          await visit(pages[Math.floor(random() * pages.length)] ?? '', random() * slowestRenderMs)
          await delay(random() * 2)
        }
      })
      const written = Promise.all(
        clients.map(async client => {
          while (committed < until) if (await commit(client, random)) committed++
        }),
      ).finally(() => {
        writing = false
      })
      const ended = await Promise.allSettled([written, ...reading])
      for (const one of ended) if (one.status === 'rejected') throw one.reason
      for (const view of [views.worker, views.edge])
        if (!(await view.barrier(20_000))) throw new Error('The feed did not catch up.')
      while (again.size > 0) await Promise.all(again)
      const found = await audit(database, views.worker, store)
      audited += found.audited
      stale.push(...found.stale)
    }
    const { stored, purged, hits, refused } = store.stats()
    return { commits: committed, stored, purged, hits, refused, audited, stale }
  } finally {
    stopRecording()
    store.close()
    await views.close()
    await database.close()
    await Promise.all(clients.map(client => client.end()))
  }
}

function connectWriters({ url, synchronousCommit }: StormOptions): Promise<pg.Client[]> {
  const options = `-c synchronous_commit=${synchronousCommit}`
  return Promise.all(
    Array.from({ length: writers }, async () => {
      const client = new pg.Client({ connectionString: url, options })
      await client.connect()
      return client
    }),
  )
}

/** Compares every entry with a fresh render. */
async function audit(
  database: Database,
  worker: FeedView,
  store: PageStore,
): Promise<{ audited: number; stale: string[] }> {
  const stale: string[] = []
  let audited = 0
  for (const path of pages) {
    const entry = store.peek(requestFor(path))
    if (!entry) continue
    audited++
    const { body } = await render(database, worker, path, 0)
    const kept = entry.response.body.toString()
    if (kept !== body) stale.push(`${path}: ${kept} instead of ${body}`)
  }
  return { audited, stale }
}

/** A page of two or three queries with a pause between reading and answering, recorded as a worker records it. */
async function render(database: Database, worker: FeedView, path: string, slowMs: number): Promise<Rendered> {
  const { position } = worker
  const recorder = new Recorder()
  const [, kind, id] = path.split('/')
  const body = await runRecorded(recorder, async () => {
    const own = await database.query(kind === 'articles' ? articles.one : authors.one, [id])
    if (slowMs > 1) await delay(slowMs)
    const row = own.rows[0] as { author_id?: number } | undefined
    const related =
      kind === 'articles'
        ? await database.query(authors.one, [row?.author_id ?? 0])
        : await database.query(articles.ofAuthor, [id])
    return JSON.stringify([own.rows, related.rows])
  })
  const { collapsed, wrote, ...closed } = recorder.close()
  return {
    body,
    record: { ...closed, build: 'storm', position: position && formatPosition(position), wrote: null },
  }
}

function requestFor(path: string): PageRequest {
  return {
    method: 'GET',
    host: 'storm.test',
    path,
    rawQuery: '',
    rawHeaders: [],
    cookie: undefined,
    address: '127.0.0.1',
    protocol: 'https',
  }
}

/** The product's own way: a source, its socket, and a client for each of two processes. */
async function realViews(url: string): Promise<Views> {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-storm-'))
  const socketPath = join(folder, 'feed.sock')
  const source = createFeedSource({ url })
  const worker = createFeedClient({ socketPath, freshnessMs: 2_000 })
  const edge = createFeedClient({ socketPath, freshnessMs: 2_000 })
  const stop = await startAll([source, createFeedServer(source, socketPath), worker, edge])
  const close = async (): Promise<void> => {
    await stop()
    rmSync(folder, { recursive: true, force: true })
  }
  for (const view of [worker, edge]) {
    if (await view.barrier(20_000)) continue
    await close()
    throw new Error('The feed did not begin.')
  }
  return { worker, edge, close }
}

async function naiveViews(url: string, database: Database): Promise<Views> {
  const feed = await naiveFeed(url, text => database.internal.query(text))
  return { worker: feed, edge: feed, close: () => feed.close() }
}

/** Says of every response that nothing has been committed since it was begun. */
function withoutFillCheck(feed: FeedView): FeedView {
  return {
    get position() {
      return feed.position
    },
    fresh: () => feed.fresh(),
    since: () => [],
    reached: (target, timeoutMs) => feed.reached(target, timeoutMs),
    barrier: timeoutMs => feed.barrier(timeoutMs),
    onTransaction: listener => feed.onTransaction(listener),
    onReset: listener => feed.onReset(listener),
  }
}
