import type { IncomingMessage } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import type { PageRequest } from '../cache/index.ts'
import {
  type AddressSet,
  clientAddress,
  type HostSet,
  parseForwarded,
  parseForwardedFor,
  withoutCookie,
} from '../http/index.ts'
import { positionCookie } from './clientPosition.ts'
import { passedHeaders } from './passedHeaders.ts'

export type EdgeRequest = IncomingMessage | Http2ServerRequest

/** A request that passed the checks: what of it counts for a page, and what the edge needs besides. */
export interface Inbound extends PageRequest {
  /** Raw path and query. */
  readonly url: string
  /** GET or HEAD. */
  readonly isRead: boolean
}

/** Why a request is not let in. */
export interface Rejection {
  readonly status: number
  readonly reason: string
}

const longestUrl = 8_192
const mostHeaders = 256
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Known to HTTP, and refused: they make no sense through this edge. */
const refusedMethods = new Set(['CONNECT', 'TRACE'])
const hostForm = /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/
/** What no path may hold: bytes outside printable ASCII, an encoded NUL, a backslash, a fragment, a dot segment. */
const badPath = /[^\x21-\x7e]|%00|\\|%5c|#|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i
const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/i
const knownHosts = new Map<string, string>()

/** Whose word is taken, and for whom requests are served. */
export interface Admission {
  /** The proxies whose `X-Forwarded-*` and `Forwarded` are believed; anybody else's are ignored. */
  readonly trusted: AddressSet
  /** Whether a host (lower case, with its port) is ours. */
  readonly serves: HostSet
}

/** Reads a request as the rest of the edge and the worker see it, or says why not. */
export function readInbound(request: EdgeRequest, { trusted, serves }: Admission): Inbound | Rejection {
  const method = request.method ?? ''
  if (!methods.has(method)) {
    return refusedMethods.has(method)
      ? { status: 405, reason: `The method ${method} is not served here.` }
      : { status: 501, reason: 'The method is not known.' }
  }
  // A worker gets some more, and may read fewer than the edge does: far below what any takes, both see the same.
  if (request.rawHeaders.length > 2 * mostHeaders)
    return { status: 431, reason: 'There are too many headers.' }
  const target = request.url ?? ''
  if (target.length > longestUrl) return { status: 414, reason: 'The address is too long.' }
  // As a proxy is asked: accepted by any server, and its host counts before the header's (RFC 9112 §3.2.2).
  const absolute = target.charCodeAt(0) === 47 ? null : absoluteForm.exec(target)
  const url = absolute ? (absolute[2] || '').replace(/^(?!\/)/, '/') : target
  if (url.charCodeAt(0) !== 47) return { status: 400, reason: 'The address is not a path.' }
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const rawQuery = mark === -1 ? '' : url.slice(mark + 1)
  if (badPath.test(path)) return { status: 400, reason: 'The path is malformed.' }
  if (rawQuery !== '' && /[^\x21-\x7e]|#/.test(rawQuery))
    return { status: 400, reason: 'The query is malformed.' }

  const { headers } = request
  const peer = request.socket.remoteAddress ?? '127.0.0.1'
  const behindProxy = trusted(peer)
  const ownHost = absolute?.[1] ?? (headers[':authority'] as string | undefined) ?? headers.host
  const saidHost = behindProxy ? (lastOf(headers['x-forwarded-host']) ?? ownHost) : ownHost
  const host = saidHost === undefined ? undefined : normalHost(saidHost)
  if (host === undefined) return { status: 400, reason: 'The host is missing or malformed.' }
  if (!serves(host)) return { status: 421, reason: 'This host is not served here.' }

  const secure = (request.socket as TLSSocket).encrypted === true
  return {
    method,
    isRead: method === 'GET' || method === 'HEAD',
    url,
    path,
    rawQuery,
    host,
    rawHeaders: passedHeaders(request.rawHeaders, method),
    cookie: withoutCookie(headers.cookie, positionCookie),
    address: behindProxy ? clientAddress(peer, reportedHops(headers), trusted) : plainAddress(peer),
    protocol: behindProxy
      ? (saidProtocol(headers) ?? (secure ? 'https' : 'http'))
      : secure
        ? 'https'
        : 'http',
  }
}

export function isRejection(read: Inbound | Rejection): read is Rejection {
  return 'status' in read
}

/** Lower case and checked; the few hosts in use are remembered, so that each is checked once. */
function normalHost(raw: string): string | undefined {
  const known = knownHosts.get(raw)
  if (known !== undefined) return known
  const host = raw.toLowerCase()
  if (host.length > 255 || !hostForm.test(host)) return undefined
  if (knownHosts.size >= 1_000) knownHosts.clear()
  knownHosts.set(raw, host)
  return host
}

function plainAddress(peer: string): string {
  return peer.startsWith('::ffff:') ? peer.slice(7) : peer
}

/** The part of a comma-separated header that the nearest proxy wrote. */
function lastOf(header: string | readonly string[] | undefined): string | undefined {
  const text = typeof header === 'string' ? header : header?.join(',')
  return text?.split(',').at(-1)?.trim() || undefined
}

function reportedHops(headers: EdgeRequest['headers']): string[] {
  const forwardedFor = headers['x-forwarded-for']
  if (forwardedFor !== undefined) return parseForwardedFor(String(forwardedFor))
  const forwarded = headers.forwarded
  if (forwarded === undefined) return []
  return (parseForwarded(String(forwarded)) ?? []).map(hop => hop.for ?? 'unknown')
}

function saidProtocol(headers: EdgeRequest['headers']): 'http' | 'https' | undefined {
  const said =
    lastOf(headers['x-forwarded-proto']) ??
    (headers.forwarded ? parseForwarded(String(headers.forwarded))?.at(-1)?.proto : undefined)
  const lower = said?.toLowerCase()
  return lower === 'http' || lower === 'https' ? lower : undefined
}
