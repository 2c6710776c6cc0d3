import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEdge, type Edge, type EdgeOptions } from '../edge/index.ts'
import type { ReadRecord } from '../reads/index.ts'
import { createFakeFeed, type FakeFeed } from './fakeFeed.ts'
import { type FakeWorker, recordHeader, startFakeWorker } from './fakeWorker.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
  /** The value of `Cache-Status`. */
  readonly cache: string
}

export interface EdgeUnderTest {
  readonly edge: Edge
  readonly feed: FakeFeed
  readonly workers: readonly FakeWorker[]
  readonly worker: FakeWorker
  readonly httpPort: number
  readonly httpsPort: number
  readonly folder: string
  readonly settings: EdgeSettings
  fetch(
    path: string,
    options?: { method?: string; headers?: OutgoingHttpHeaders; body?: string | Buffer },
  ): Promise<Answer>
  /** An answer for the worker: this body with a record of these reads. */
  page(
    body: string,
    record?: Partial<ReadRecord>,
    headers?: OutgoingHttpHeaders,
    status?: number,
  ): FakeWorker['answer']
  close(): Promise<void>
}

type EdgeSettings = EdgeOptions['settings']

/** A real edge on ports of its own, before fake workers and on a fake feed. */
export async function startEdge(
  options: {
    workers?: number
    edge?: Partial<EdgeSettings['edge']>
    pages?: Partial<EdgeSettings['pages']>
    debug?: boolean
    https?: boolean
  } = {},
): Promise<EdgeUnderTest> {
  const feed = createFakeFeed()
  const folder = await mkdtemp(join(tmpdir(), 'quintet-edge-'))
  const page: EdgeUnderTest['page'] =
    (body, record, headers, status = 200) =>
    (_, response) => {
      response.writeHead(status, {
        'content-type': 'text/html; charset=utf-8',
        'quintet-record': recordHeader(feed, record),
        ...headers,
      })
      response.end(body)
    }
  const workers: FakeWorker[] = []
  for (let n = 0; n < (options.workers ?? 1); n++) workers.push(await startFakeWorker(page('hello')))
  const settings: EdgeSettings = {
    secret: 'a secret of at least thirty-two characters',
    stateDir: folder,
    debug: options.debug ?? true,
    edge: {
      engine: 'node',
      host: '127.0.0.1',
      http: { port: 0, redirect: false },
      https: { port: 0 },
      tls: { engine: 'development' },
      hosts: [],
      trustedProxies: [],
      maxBodyBytes: 1_000_000,
      maxHeaderBytes: 16_384,
      timeouts: { upstreamMs: 5_000, bodyMs: 5_000, idleMs: 5_000 },
      ...options.edge,
    },
    pages: {
      engine: 'memory',
      maxBytes: 10_000_000,
      maxEntryBytes: 100_000,
      freshnessMs: 300,
      onFeedLoss: 'pass',
      ...options.pages,
    },
  }
  const edge = createEdge({
    feed,
    workers: workers.map(worker => worker.socket),
    https: options.https ? undefined : null,
    settings,
  })
  await edge.start()
  const httpPort = edge.status().httpPort as number
  return {
    edge,
    feed,
    workers,
    worker: workers[0] as FakeWorker,
    httpPort,
    httpsPort: edge.status().httpsPort ?? 0,
    folder,
    settings,
    page,
    fetch: (path, { method = 'GET', headers, body } = {}) =>
      new Promise((resolve, reject) => {
        const sent = httpRequest(
          {
            host: '127.0.0.1',
            port: httpPort,
            path,
            method,
            agent: false,
            headers: { host: 'a.test', ...headers },
          },
          response => {
            const chunks: Buffer[] = []
            response.on('error', reject)
            response.on('data', chunk => chunks.push(chunk))
            response.on('end', () => {
              const whole = Buffer.concat(chunks)
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: whole,
                text: whole.toString(),
                cache: String(response.headers['cache-status']),
              })
            })
          },
        )
        sent.on('error', reject)
        sent.end(body)
      }),
    async close() {
      await edge.stop()
      await Promise.all(workers.map(worker => worker.close()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
