import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import {
  type Flight,
  type Flights,
  isLasting,
  type PageStore,
  representations,
  withCacheControl,
} from '../cache/index.ts'
import type { Clock } from '../core/index.ts'
import type { Position } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import { type CacheStatus, formatCacheStatus } from '../http/index.ts'
import { type BodyReader, readWhole } from './body.ts'
import { type ClientPositions, positionCookie } from './clientPosition.ts'
import { fromWorker, toWorker } from './forwardHeaders.ts'
import { type Admission, type EdgeRequest, type Inbound, isRejection, readInbound } from './inbound.ts'
import type { Outflow } from './outflow.ts'
import type { OwnWrites } from './ownWrites.ts'
import { failureOf, reject } from './reject.ts'
import { newRequestId } from './requestId.ts'
import { breakOff, type EdgeResponse, isGone, respondWithPage, withMore, write } from './respond.ts'
import { requestAnswered, requestFailed } from './signals.ts'
import type { WorkerResponse, Workers } from './workers.ts'

export interface HandlerOptions {
  readonly store: PageStore
  readonly flights: Flights
  readonly workers: Workers
  readonly feed: FeedView
  readonly positions: ClientPositions
  readonly ownWrites: OwnWrites
  readonly admission: Admission
  readonly clock: Clock
  readonly readBody: BodyReader
  readonly outflow: Outflow
  readonly maxEntryBytes: number
  readonly onFeedLoss: 'pass' | 'serve'
  /** Whether `Cache-Status` says in words why a page was not stored, or only which kind of reason. */
  readonly debug: boolean
  /** Where plain HTTP is sent, or undefined if it is served. */
  readonly redirectTo?: (host: string) => string
}

export interface Handler {
  (request: EdgeRequest, response: EdgeResponse): void
  readonly counters: { requests: number; rejected: number; failed: number; collapsed: number }
}

/** A page refused for a lasting reason is not waited for again for this long. */
const refusalRemembersMs = 10_000

/** One request on its way through the edge. */
interface Passage {
  readonly inbound: Inbound
  readonly request: EdgeRequest
  readonly response: EdgeResponse
  readonly startedAt: number
  readonly id: string
  incoming?: Position
  /** It was sent to a worker, which may have carried it out whatever came back. */
  sent?: boolean
}

type Forwarded = Exclude<CacheStatus, { hit: true }>

/**
 * A request's way: checked → served from the store, if the feed is fresh and no older than the client → joined to a
 * render in flight → made by a worker, and stored if every check allows it. The first two steps wait for nothing.
 */
export function createHandler(options: HandlerOptions): Handler {
  const { store, flights, workers, feed, positions, ownWrites } = options
  const counters = { requests: 0, rejected: 0, failed: 0, collapsed: 0 }

  const mayServe = (): boolean => feed.fresh() || options.onFeedLoss === 'serve'

  function handle(request: EdgeRequest, response: EdgeResponse): void {
    counters.requests++
    try {
      admit(request, response)
    } catch (error) {
      // A client that has gone already takes its socket along (HTTP/2 throws then); nobody is left to be told.
      counters.failed++
      requestFailed.emit(() => ({ requestId: '', url: request.url ?? '', error }))
      response.destroy()
    }
  }

  function admit(request: EdgeRequest, response: EdgeResponse): void {
    const startedAt = performance.now()
    const inbound = readInbound(request, options.admission)
    if (isRejection(inbound)) {
      counters.rejected++
      reject(request, response, inbound.status, inbound.reason)
      return
    }
    if (options.redirectTo && inbound.protocol === 'http') {
      const location = options.redirectTo(inbound.host) + inbound.url
      write(response, 308, ['location', location, 'content-length', '0'])
      return
    }
    const passage: Passage = { inbound, request, response, startedAt, id: '' }
    const carriesPosition =
      inbound.cookie !== request.headers.cookie || request.headers[positionCookie] !== undefined
    if (inbound.isRead && !carriesPosition && serveFromStore(passage)) return
    const whole = { ...passage, id: newRequestId() }
    pass(whole, carriesPosition).catch(error => fail(whole, error))
  }

  /** Serves a hit without waiting for anything; false on a miss. */
  function serveFromStore(passage: Passage, status?: Forwarded): boolean {
    if (!mayServe()) return false
    const entry = store.lookup(passage.inbound)
    if (entry === undefined) return false
    const { request, response } = passage
    const more = status ? ['cache-status', formatCacheStatus('quintet', status)] : undefined
    const answered = respondWithPage(
      request,
      response,
      { status: entry.response.status, pages: entry.pages },
      more,
    )
    if (typeof answered === 'number') report(passage, answered, status ?? { hit: true })
    else
      answered.then(
        sent => report(passage, sent, status ?? { hit: true }),
        error => fail(passage, error),
      )
    return true
  }

  async function pass(passage: Passage, carriesPosition: boolean): Promise<void> {
    const { inbound, request } = passage
    if (carriesPosition) {
      passage.incoming = positions.read(request.headers.cookie, request.headers[positionCookie])
    }
    if (!inbound.isRead) return forward(passage, { fwd: 'method' })

    let joinFrom: Position | undefined
    if (passage.incoming) {
      const standing = await ownWrites.stand(passage.incoming)
      if (!standing.served) return forward(passage, { fwd: 'bypass', detail: 'client is ahead' })
      joinFrom = standing.position
    }
    if (!mayServe()) return forward(passage, { fwd: 'bypass', detail: 'feed is not fresh' })
    if (carriesPosition && serveFromStore(passage)) return

    const fwd = store.knows(inbound) ? 'vary-miss' : 'uri-miss'
    if (inbound.method !== 'GET' || !feed.fresh()) return forward(passage, { fwd })

    const identity = store.flightIdentity(inbound)
    const refusal = store.lastRefusal(inbound)
    const isHopeless = refusal && isLasting(refusal) && options.clock.now() - refusal.at < refusalRemembersMs
    if (!isHopeless && (await flights.join(identity, joinFrom))) {
      // Stored: the look-up verifies every part that was recorded against this request's own.
      if (feed.fresh() && serveFromStore(passage, { fwd, collapsed: true })) {
        counters.collapsed++
        return
      }
    }
    const flight = flights.begin(identity)
    try {
      await forward(passage, { fwd }, flight)
    } finally {
      flight.settle(false)
    }
  }

  async function forward(passage: Passage, status: Forwarded, flight?: Flight): Promise<void> {
    const { inbound, request } = passage
    const held = inbound.isRead ? undefined : await options.readBody(request as Readable & EdgeRequest)
    passage.sent = true
    try {
      await workers.send(
        {
          method: inbound.method,
          url: inbound.url,
          headers: toWorker(inbound, { requestId: passage.id, clientPosition: passage.incoming }),
          body: held?.bytes,
          repeatable: inbound.isRead,
        },
        answer => relay(passage, answer, status, flight),
      )
    } finally {
      held?.release()
    }
  }

  /** A worker's answer to the client: whole and perhaps stored if it is a recorded page, else streamed through. */
  async function relay(
    passage: Passage,
    answer: WorkerResponse,
    status: Forwarded,
    flight: Flight | undefined,
  ): Promise<void> {
    const { inbound, request, response } = passage
    const { headers, record, length } = fromWorker(answer.headers)
    let body: Buffer | Readable = answer.body
    if (inbound.method === 'GET' && record && (length ?? 0) <= options.maxEntryBytes) {
      body = await readWhole(answer.body, options.maxEntryBytes)
    }
    const own = await ownWrites.settle({
      record,
      unsafe: isUnsafe(inbound),
      incoming: passage.incoming,
      secure: inbound.protocol === 'https',
    })

    if (Buffer.isBuffer(body) && record) {
      const page = { status: answer.status, headers, body }
      const fill = store.fill(inbound, page, record)
      flight?.settle(fill.stored)
      const said: Forwarded = fill.stored
        ? { ...status, stored: true }
        : { ...status, detail: status.detail ?? (options.debug ? fill.reason.text : fill.reason.kind) }
      const pages = fill.stored ? fill.entry.pages : representations(page, record.parts, { quality: 3 })
      const more = ['cache-status', formatCacheStatus('quintet', said), ...own]
      answer.commit()
      report(passage, await respondWithPage(request, response, { status: answer.status, pages }, more), said)
      return
    }

    flight?.settle(false)
    answer.commit()
    const said: Forwarded =
      inbound.method === 'GET' && !status.detail
        ? { ...status, detail: record ? 'size' : 'no-record' }
        : status
    const downstream = inbound.isRead ? withCacheControl(headers, record?.parts) : headers
    const sent = withMore(downstream, ['cache-status', formatCacheStatus('quintet', said), ...own])
    if (inbound.method === 'HEAD' || answer.status === 204 || answer.status === 304) {
      answer.body.resume()
      write(response, answer.status, sent)
    } else {
      ;(response as ServerResponse).writeHead(answer.status, sent)
      await options.outflow.send(body as Readable, response).catch(error => {
        answer.body.on('error', () => {}).destroy()
        throw error
      })
    }
    report(passage, answer.status, said)
  }

  function report(passage: Passage, status: number, cache: CacheStatus): void {
    requestAnswered.emit(() => ({
      requestId: passage.id || newRequestId(),
      method: passage.inbound.method,
      host: passage.inbound.host,
      url: passage.inbound.url,
      address: passage.inbound.address,
      protocol: passage.inbound.protocol,
      status,
      cache: formatCacheStatus('quintet', cache),
      durationMs: performance.now() - passage.startedAt,
    }))
  }

  function fail(passage: Passage, error: unknown): void {
    const { request, response, inbound } = passage
    if (response.headersSent || isGone(response) || response.writableEnded) {
      // Broken off on the way: the client must not take what it has for the whole.
      breakOff(response)
      return
    }
    const { status, reason, detail } = failureOf(error)
    if (detail === 'EDGE_CLIENT_GONE') {
      breakOff(response)
      return
    }
    if (status >= 500) {
      counters.failed++
      requestFailed.emit(() => ({ requestId: passage.id, url: inbound.url, error }))
    }
    const mayHaveWritten = passage.sent && isUnsafe(inbound) && detail !== 'EDGE_NO_WORKER'
    reject(request, response, status, reason, [
      'cache-status',
      formatCacheStatus('quintet', { fwd: 'miss', detail }),
      ...(mayHaveWritten ? ownWrites.uncertain(inbound.protocol === 'https') : []),
    ])
    report(passage, status, { fwd: 'miss', detail })
  }

  return Object.assign(handle, { counters })
}

function isUnsafe({ isRead, method }: Inbound): boolean {
  return !isRead && method !== 'OPTIONS'
}
