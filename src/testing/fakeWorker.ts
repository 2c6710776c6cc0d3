import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatPosition } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import type { ReadRecord } from '../reads/index.ts'

/** A tiny upstream in the place of an app worker, on a Unix socket, whose answers a test writes by hand. */
export interface FakeWorker {
  readonly socket: string
  /** Every request that arrived, oldest first. */
  readonly seen: IncomingMessage[]
  /** Replaces how it answers from now on. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
  /** Breaks every connection at once and stops listening, as `kill -9` does. */
  kill(): Promise<void>
  /** Listens again on the same socket. */
  revive(): Promise<void>
  close(): Promise<void>
}

export async function startFakeWorker(answer: FakeWorker['answer']): Promise<FakeWorker> {
  const folder = await mkdtemp(join(tmpdir(), 'quintet-worker-'))
  const socket = join(folder, 'app.sock')
  const seen: IncomingMessage[] = []
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(request)
    worker.answer(request, response)
  }
  let server = createServer(listener)
  const listen = (): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject).listen(socket, resolve)
    })
  const worker: FakeWorker = {
    socket,
    seen,
    answer,
    async kill() {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
    async revive() {
      server = createServer(listener)
      await listen()
    },
    async close() {
      if (server.listening) await worker.kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
  await listen()
  return worker
}

/** A record as a worker at the feed's position would send it. */
export function recordHeader(feed: FeedView, changes: Partial<ReadRecord> = {}): string {
  const record: ReadRecord = {
    build: 'b1',
    position: feed.position && formatPosition(feed.position),
    parts: [],
    dependencies: [],
    vetoes: [],
    wrote: null,
    endsAt: null,
    ...changes,
  }
  return JSON.stringify(record)
}
