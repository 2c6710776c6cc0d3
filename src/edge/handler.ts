import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
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
import { type AddressSet, type CacheStatus, formatCacheStatus } from '../http/index.ts'
import { readBody, readWhole } from './body.ts'
import { type ClientPositions, positionCookie } from './clientPosition.ts'
import { fromWorker, toWorker } from './forwardHeaders.ts'
import { type EdgeRequest, type Inbound, isRejection, readInbound } from './inbound.ts'
import type { OwnWrites } from './ownWrites.ts'
import { failureOf, reject } from './reject.ts'
import { newRequestId } from './requestId.ts'
import { type EdgeResponse, respondWithPage, write } from './respond.ts'
import { requestAnswered, requestFailed } from './signals.ts'
import type { WorkerResponse, Workers } from './workers.ts'

export interface HandlerOptions {
  readonly store: PageStore
  readonly flights: Flights
  readonly workers: Workers
  readonly feed: FeedView
  readonly positions: ClientPositions
  readonly ownWrites: OwnWrites
  readonly trusted: AddressSet
  readonly clock: Clock
  readonly maxBodyBytes: number
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
  /** The incoming position is of an epoch that is gone: the client may forget it. */
  outlived?: boolean
}

type Forwarded = Exclude<CacheStatus, { hit: true }>

/**
 * A request's way: checked → served from the store, if the feed is fresh and no older than the client → joined to a
 * render in flight → made by a worker, and stored if every check allows it. The first two steps wait for nothing.
 */
export function createHandler(options: HandlerOptions): Handler {
  const { store, flights, workers, feed, positions, ownWrites, trusted } = options
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
    const inbound = readInbound(request, trusted)
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
    const isRead = inbound.method === 'GET' || inbound.method === 'HEAD'
    const carriesPosition =
      inbound.cookie !== request.headers.cookie || request.headers[positionCookie] !== undefined
    if (isRead && !carriesPosition && serveFromStore(passage)) return
    const whole = { ...passage, id: newRequestId() }
    pass(whole, isRead, carriesPosition).catch(error => fail(whole, error))
  }

  /** Serves a hit without waiting for anything; false on a miss. */
  function serveFromStore(passage: Passage, status?: Forwarded): boolean {
    if (!mayServe()) return false
    const entry = store.lookup(passage.inbound)
    if (entry === undefined) return false
    const { request, response } = passage
    const forgetting = passage.outlived ? forget(passage) : undefined
    const more =
      status || forgetting
        ? ['cache-status', formatCacheStatus('quintet', status ?? { hit: true }), ...(forgetting ?? [])]
        : undefined
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

  async function pass(passage: Passage, isRead: boolean, carriesPosition: boolean): Promise<void> {
    const { inbound, request } = passage
    if (carriesPosition) {
      passage.incoming = positions.read(request.headers.cookie, request.headers[positionCookie])
    }
    if (!isRead) return forward(passage, { fwd: 'method' })

    let joinFrom: Position | undefined
    if (passage.incoming) {
      const standing = await ownWrites.stand(passage.incoming)
      passage.outlived = standing.outlived
      if (!standing.served) return forward(passage, { fwd: 'bypass', detail: 'client is ahead' })
      joinFrom = standing.position
    }
    if (!mayServe()) return forward(passage, { fwd: 'bypass', detail: 'feed is not fresh' })
    if (carriesPosition && serveFromStore(passage)) return

    const fwd = store.knows(inbound) ? 'vary-miss' : 'uri-miss'
    if (inbound.method !== 'GET' || !feed.fresh()) return forward(passage, { fwd })

    const identity = store.flightIdentity(inbound, request.headers.authorization)
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
    const isRead = inbound.method === 'GET' || inbound.method === 'HEAD'
    const body = isRead ? undefined : await readBody(request as Readable & EdgeRequest, options.maxBodyBytes)
    await workers.send(
      {
        method: inbound.method,
        url: inbound.url,
        headers: toWorker(inbound, { requestId: passage.id, clientPosition: passage.incoming }),
        body,
        repeatable: isRead,
      },
      answer => relay(passage, answer, status, flight),
    )
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
    const positionHeaders = await ownWrites.settle({
      record,
      unsafe: inbound.method !== 'GET' && inbound.method !== 'HEAD' && inbound.method !== 'OPTIONS',
      incoming: passage.incoming,
      secure: inbound.protocol === 'https',
    })
    const own = positionHeaders.length === 0 && passage.outlived ? forget(passage) : positionHeaders

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
    const isRead = inbound.method === 'GET' || inbound.method === 'HEAD'
    const downstream = isRead ? withCacheControl(headers, record?.parts) : headers
    const sent = [...downstream, 'cache-status', formatCacheStatus('quintet', said), ...own]
    if (inbound.method === 'HEAD' || answer.status === 204 || answer.status === 304) {
      answer.body.resume()
      write(response, answer.status, sent)
    } else {
      ;(response as ServerResponse).writeHead(answer.status, sent)
      await pipeline(body, response as ServerResponse)
    }
    report(passage, answer.status, said)
  }

  function forget(passage: Passage): string[] {
    return ['set-cookie', positions.setCookie(undefined, passage.inbound.protocol === 'https')]
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
    if (response.headersSent || response.destroyed || response.writableEnded) {
      // Broken off on the way: the client must not take what it has for the whole.
      response.destroy()
      return
    }
    const { status, reason, detail } = failureOf(error)
    if (status >= 500) {
      counters.failed++
      requestFailed.emit(() => ({ requestId: passage.id, url: inbound.url, error }))
    }
    reject(request, response, status, reason, formatCacheStatus('quintet', { fwd: 'miss', detail }))
    report(passage, status, { fwd: 'miss', detail })
  }

  return Object.assign(handle, { counters })
}
