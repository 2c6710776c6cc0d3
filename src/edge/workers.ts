import type { Duplex, Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { type Dispatcher, Pool } from 'undici'
import { errors } from './errors.ts'

/** A worker that refused or died is left alone for this long before it is tried again. */
const downMs = 50
/** How long a request waits in all for a worker to come (back). */
const retryWithinMs = 4_000
/** For a request that no worker has taken. */
const mostAttempts = 12
/** A read that two workers died with may be what they died of: it meets no third. */
const mostDeaths = 2
/** Records travel in a header. */
const maxHeaderBytes = 1024 * 1024

export interface WorkerRequest {
  readonly method: string
  /** Raw path and query. */
  readonly url: string
  readonly headers: string[]
  readonly body?: Buffer | undefined
  /** Whether it may be sent once more, to another worker, after one died with it; only for reads. */
  readonly repeatable: boolean
}

export interface WorkerResponse {
  readonly status: number
  /** Flat list of raw names and values. */
  readonly headers: readonly string[]
  readonly body: Readable
  /** Call before anything of it goes to the client: from then on it can't be made again elsewhere. */
  commit(): void
}

export interface WorkerStatus {
  readonly socket: string
  readonly inFlight: number
  readonly down: boolean
}

/**
 * The app workers behind the edge, on Unix sockets: each request goes to the one with the fewest in flight. One that
 * refuses connections is passed over for a moment; a read that a dying worker took along is made once more, by another.
 */
export interface Workers {
  /**
   * Sends a request and hands the answer to `consume`; may do so once more (for reads, until `commit`) when the worker
   * dies, even in the middle of the body. Throws EDGE_NO_WORKER, EDGE_UPSTREAM_TIMEOUT, EDGE_UPSTREAM_FAILED.
   */
  send<Result>(
    request: WorkerRequest,
    consume: (response: WorkerResponse) => Promise<Result>,
  ): Promise<Result>
  /** Asks a worker to switch protocols (RFC 9110 §7.8), once; throws as `send` does, or if it declines. */
  upgrade(request: { url: string; headers: string[]; protocol: string }): Promise<Upgraded>
  /** Replaces the list; workers no longer in it finish what they have. */
  set(sockets: readonly string[]): void
  status(): WorkerStatus[]
  close(): Promise<void>
}

export interface Upgraded {
  /** Flat list of raw names and values of the 101. */
  readonly headers: readonly string[]
  readonly socket: Duplex
}

interface Worker {
  readonly socket: string
  /** Connections that are kept: a read that one of them breaks is made again. */
  readonly reads: Pool
  /** A connection each: what must not be sent twice never meets one that the worker is just closing. */
  readonly writes: Pool
  inFlight: number
  downUntil: number
}

export function createWorkers(sockets: readonly string[], options: { timeoutMs: number }): Workers {
  let workers: Worker[] = []
  let turn = 0

  function connect(socket: string): Worker {
    const shared = {
      socketPath: socket,
      connections: 256,
      maxHeaderSize: maxHeaderBytes,
      connectTimeout: 2_000,
      headersTimeout: options.timeoutMs,
      bodyTimeout: Math.max(options.timeoutMs, 300_000),
    }
    const kept = { ...shared, pipelining: 1, keepAliveTimeout: 3_000, keepAliveMaxTimeout: 30_000 }
    return {
      socket,
      reads: new Pool('http://worker', kept),
      writes: new Pool('http://worker', { ...shared, pipelining: 0 }),
      inFlight: 0,
      downUntil: 0,
    }
  }

  /** `not` is chosen only where it is the only one there is. */
  function choose(not?: Worker): Worker | undefined {
    const now = performance.now()
    let best: Worker | undefined
    for (let n = 0; n < workers.length; n++) {
      const worker = workers[(turn + n) % workers.length] as Worker
      if (worker === not && workers.length > 1) continue
      if (worker.downUntil <= now && (!best || worker.inFlight < best.inFlight)) best = worker
    }
    turn++
    return best
  }

  async function acquire(deadline: number, not?: Worker): Promise<Worker> {
    for (;;) {
      const worker = choose(not)
      if (worker) return worker
      if (performance.now() >= deadline) throw errors.EDGE_NO_WORKER({ waitedMs: retryWithinMs })
      await wait(20)
    }
  }

  function set(list: readonly string[]): void {
    const kept = workers.filter(worker => list.includes(worker.socket))
    for (const worker of workers)
      if (!kept.includes(worker)) Promise.all([worker.reads.close(), worker.writes.close()]).catch(() => {})
    workers = list.map(socket => kept.find(worker => worker.socket === socket) ?? connect(socket))
  }
  set(sockets)

  return {
    set,
    async send(request, consume) {
      const deadline = performance.now() + retryWithinMs
      let deaths = 0
      let diedWithIt: Worker | undefined
      for (let attempt = 1; ; attempt++) {
        const worker = await acquire(deadline, diedWithIt)
        worker.inFlight++
        let committed = false
        try {
          const answer = await (request.repeatable ? worker.reads : worker.writes).request({
            method: request.method as Dispatcher.HttpMethod,
            path: request.url,
            headers: request.headers,
            body: request.body,
            responseHeaders: 'raw',
          })
          return await consume({
            status: answer.statusCode,
            headers: answer.headers as unknown as string[],
            body: answer.body,
            commit: () => {
              committed = true
            },
          })
        } catch (error) {
          // Begun towards the client: whichever end broke, the client must see that it is broken.
          if (committed) throw error
          const failure = failureOf(error)
          if (failure === undefined) throw error
          if (failure === 'timeout') throw errors.EDGE_UPSTREAM_TIMEOUT(options, { cause: error })
          worker.downUntil = performance.now() + downMs
          if (failure === 'died') {
            deaths++
            diedWithIt = worker
          }
          // A connection that was refused took nothing along.
          const mayRepeat = failure === 'refused' || (request.repeatable && deaths < mostDeaths)
          if (!mayRepeat || attempt >= mostAttempts || performance.now() >= deadline) {
            throw failure === 'refused'
              ? errors.EDGE_NO_WORKER({ waitedMs: retryWithinMs }, { cause: error })
              : errors.EDGE_UPSTREAM_FAILED({ reason: codeOf(error) }, { cause: error })
          }
        } finally {
          worker.inFlight--
        }
      }
    },
    async upgrade(request) {
      const worker = await acquire(performance.now() + retryWithinMs)
      const answer = await worker.writes.upgrade({
        path: request.url,
        headers: request.headers,
        protocol: request.protocol,
        responseHeaders: 'raw',
      })
      return { headers: answer.headers as unknown as string[], socket: answer.socket }
    },
    status() {
      const now = performance.now()
      return workers.map(({ socket, inFlight, downUntil }) => ({ socket, inFlight, down: downUntil > now }))
    },
    async close() {
      await Promise.all(workers.flatMap(worker => [worker.reads.destroy(), worker.writes.destroy()]))
      workers = []
    },
  }
}

/** `refused`: it never took the request; `died`: it took it and did not finish; undefined: not the worker's doing. */
function failureOf(error: unknown): 'refused' | 'died' | 'timeout' | undefined {
  switch (codeOf(error)) {
    case 'ECONNREFUSED':
    case 'ENOENT':
    case 'EAGAIN':
    case 'UND_ERR_CONNECT_TIMEOUT':
    case 'UND_ERR_CLOSED': // replaced while it was being chosen
      return 'refused'
    case 'UND_ERR_SOCKET':
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_DESTROYED':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
    case 'UND_ERR_RESPONSE':
      return 'died'
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return 'timeout'
    default:
      return codeOf(error).startsWith('HPE_') ? 'died' : undefined
  }
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'unknown'
}
