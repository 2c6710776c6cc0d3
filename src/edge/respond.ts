import type { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import type { Representation, Representations } from '../cache/index.ts'
import { matchesStrongly, negotiateEncoding, noneMatches, parseRange } from '../http/index.ts'
import type { EdgeRequest } from './inbound.ts'

export type EdgeResponse = ServerResponse | Http2ServerResponse

/** Writes a whole response: flat raw headers, one body. */
export function write(
  response: EdgeResponse,
  status: number,
  headers: readonly string[],
  body?: Buffer,
): void {
  if (response.headersSent || response.destroyed)
    return // Both kinds take a flat list; only HTTP/1.1's type says so.
  ;(response as ServerResponse).writeHead(status, headers as string[])
  if (body === undefined || body.length === 0) response.end()
  else (response as ServerResponse).end(body)
}

/** Whether nobody is left to be answered. */
export function isGone(response: EdgeResponse): boolean {
  return 'stream' in response ? response.stream.destroyed : response.destroyed
}

/** Ends an answer so that its client can't take what it has for the whole. */
export function breakOff(response: EdgeResponse): void {
  // An HTTP/2 stream that is destroyed without a code looks finished.
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
  else response.destroy()
}

/**
 * Answers a read from a whole page: the coding the client prefers, 304 when it has it already (RFC 9110 §13.1), 206
 * for a single range of the identity coding (§14), headers only for HEAD. `more` are headers beside the page's own;
 * without any it counts as a hit. Returns the status.
 */
export function respondWithPage(
  request: EdgeRequest,
  response: EdgeResponse,
  page: { status: number; pages: Representations },
  more?: readonly string[],
): number | Promise<number> {
  const { headers } = request
  const wanted =
    headers.range === undefined ? negotiateEncoding(headers['accept-encoding'] as string) : 'identity'
  const chosen = page.pages.get(wanted)
  if (chosen instanceof Promise)
    return chosen.then(ready => respond(request, response, page.status, ready, more))
  return respond(request, response, page.status, chosen, more)
}

function respond(
  request: EdgeRequest,
  response: EdgeResponse,
  status: number,
  page: Representation,
  more: readonly string[] | undefined,
): number {
  const { headers } = request
  const isHead = request.method === 'HEAD'
  const full = (): string[] => (more ? withMore(page.headers, more) : page.hitHeaders)
  const short = (): string[] => withMore(page.notModifiedHeaders, more ?? hit)
  // Preconditions apply only to what would be a success (RFC 9110 §13.2.1), and to what has a validator.
  if (status === 200 && page.etag !== undefined) {
    const ifMatch = headers['if-match']
    if (ifMatch !== undefined && !matchesStrongly(ifMatch, page.etag)) {
      write(response, 412, [...short(), 'content-length', '0'])
      return 412
    }
    const ifNoneMatch = headers['if-none-match']
    if (ifNoneMatch !== undefined && noneMatches(ifNoneMatch, page.etag)) {
      write(response, 304, short())
      return 304
    }
    const range = headers.range
    if (range !== undefined && !isHead && rangeApplies(headers['if-range'], page.etag)) {
      const asked = parseRange(range, page.body.length)
      if (asked === 'unsatisfiable') {
        const size = ['content-range', `bytes */${page.body.length}`, 'content-length', '0']
        write(response, 416, [...short(), ...size])
        return 416
      }
      if (asked) {
        const part = page.body.subarray(asked.first, asked.last + 1)
        const sent = withHeader(full(), 'content-length', String(part.length))
        sent.push('content-range', `bytes ${asked.first}-${asked.last}/${page.body.length}`)
        write(response, 206, sent, part)
        return 206
      }
    }
  }
  write(response, status, full(), isHead ? undefined : page.body)
  return status
}

const hit = ['cache-status', 'quintet; hit']

/** A validator that is no strong match of ours (a date, another ETag) means: the whole page (RFC 9110 §13.1.5). */
function rangeApplies(ifRange: string | readonly string[] | undefined, etag: string): boolean {
  return ifRange === undefined || ifRange === etag
}

/**
 * Headers of the app with the edge's own. An answer that gives a client its position is that client's alone: a shared
 * cache on the way that kept it would hand the position to others.
 */
export function withMore(headers: readonly string[], more: readonly string[]): string[] {
  if (!more.includes('set-cookie')) return [...headers, ...more]
  const sent: string[] = []
  let cacheControl = 'private, no-cache'
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const value = headers[index + 1] as string
    if ((headers[index] as string).toLowerCase() !== 'cache-control')
      sent.push(headers[index] as string, value)
    else if (/\b(?:private|no-store)\b(?!=)/i.test(value)) cacheControl = value
  }
  sent.push('cache-control', cacheControl, ...more)
  return sent
}

function withHeader(headers: readonly string[], name: string, value: string): string[] {
  const copy = [...headers]
  for (let index = 0; index < copy.length; index += 2) if (copy[index] === name) copy[index + 1] = value
  return copy
}
