import { createHash } from 'node:crypto'
import { cookieValues, headerValues, queryValues } from '../http/index.ts'
import type { RequestPart } from '../reads/index.ts'

/** What of a request can be looked at by a response, as the worker will see it. */
export interface PageRequest {
  /** `GET` or `HEAD`; a stored page answers both. */
  readonly method: string
  /** As forwarded, lower case, with its port. */
  readonly host: string
  /** The raw path, without the query. */
  readonly path: string
  /** The raw query, without `?`; empty if there is none. */
  readonly rawQuery: string
  /** The flat list of the client's own headers exactly as the worker gets them, names in lower case. */
  readonly rawHeaders: readonly string[]
  /** The whole Cookie header as the worker gets it: all of the client's, without the edge's own. */
  readonly cookie: string | undefined
  /** Who the client is, by the edge. */
  readonly address: string
  readonly protocol: 'http' | 'https'
}

/** What identifies a page whatever the response looked at: host and path always count. */
export function pageKey(request: PageRequest): string {
  return request.host + request.path
}

/** Headers that the edge writes itself, so that the worker never sees what the client sent. */
const writtenByEdge: ReadonlyMap<string, (request: PageRequest) => string> = new Map([
  ['x-forwarded-for', request => request.address],
  ['x-forwarded-proto', request => request.protocol],
  ['x-forwarded-host', request => request.host],
  ['forwarded', request => `${request.address};${request.host};${request.protocol}`],
  ['host', request => request.host],
])

/**
 * The value of one part of a request, so that equal values mean equal raw occurrences in equal order; no occurrence
 * and an empty one differ.
 */
export function partValue(part: RequestPart, request: PageRequest): string {
  if (part === 'address') return request.address
  if (part === 'protocol') return request.protocol
  const colon = part.indexOf(':')
  const kind = part.slice(0, colon)
  const name = part.slice(colon + 1)
  if (kind === 'query') return name === '*' ? request.rawQuery : packed(queryValues(request.rawQuery, name))
  if (kind === 'cookie') {
    if (name === '*') return request.cookie === undefined ? '' : packed([request.cookie])
    return packed(cookieValues(request.cookie, name))
  }
  if (name === '*') return allHeaders(request)
  if (name === 'cookie') return request.cookie === undefined ? '' : packed([request.cookie])
  // The edge's own words to the worker, and never the client's.
  if (name.startsWith('quintet-')) return ''
  const written = writtenByEdge.get(name)
  return written ? written(request) : packed(headerValues(request.rawHeaders, name))
}

function allHeaders(request: PageRequest): string {
  const seen = [request.address, request.protocol, request.host, request.cookie ?? '']
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] as string).toLowerCase()
    if (name === 'cookie' || name.startsWith('quintet-') || writtenByEdge.has(name)) continue
    seen.push(`${name}\n${request.rawHeaders[index + 1]}`)
  }
  return packed(seen)
}

/** NUL can't be in a header or a raw query, so it separates without doubt. */
function packed(values: readonly string[]): string {
  let text = ''
  for (const value of values) text += `\0${value}`
  return text
}

/** True if the response may differ from person to person, so that no shared cache beyond ours may keep it. */
export function isPersonal(parts: readonly RequestPart[]): boolean {
  return parts.some(tellsPerson)
}

/** True if the response was made for somebody: a part that tells who is asking was there, not just looked for. */
export function isForSomebody(parts: readonly RequestPart[], request: PageRequest): boolean {
  return parts.some(part => tellsPerson(part) && partValue(part, request) !== '')
}

function tellsPerson(part: RequestPart): boolean {
  return (
    part.startsWith('cookie:') ||
    part === 'header:cookie' ||
    part === 'header:authorization' ||
    part === 'header:*'
  )
}

/** The set of parts that some entries of a page were recorded with, in one fixed order. */
export interface VariantSpec {
  readonly name: string
  readonly parts: readonly RequestPart[]
}

/** Equal sets of parts give one and the same spec. */
export function variantSpec(parts: readonly RequestPart[]): VariantSpec {
  const sorted = [...new Set(parts)].sort()
  const name = sorted.join('\n')
  const known = specs.get(name)
  if (known) return known
  const spec = { name, parts: sorted }
  if (specs.size >= mostSpecsKept) specs.clear()
  specs.set(name, spec)
  return spec
}

const mostSpecsKept = 1_000
const specs = new Map<string, VariantSpec>()

/** A longer variant key is kept as its hash: clients choose what is in it. */
const longestKey = 256

/**
 * The values of a spec's parts, as one string: two requests with equal strings have every part equal (a SHA-256 of
 * them is as good as they are; no key that is written out begins with `#`).
 */
export function variantKey(spec: VariantSpec, request: PageRequest): string {
  let key = ''
  for (const part of spec.parts) {
    const value = partValue(part, request)
    key += `${value.length}:${value}`
  }
  return key.length <= longestKey ? key : `#${createHash('sha256').update(key).digest('base64url')}`
}

/** A request with just these parts of another one, and nothing else that a response could look at. */
export function onlyParts(parts: readonly RequestPart[], request: PageRequest): PageRequest {
  const named = (kind: string): string[] =>
    parts.filter(part => part.startsWith(kind)).map(part => part.slice(kind.length))
  const queries = named('query:')
  const headers = named('header:')
  const isKept = (pair: string): boolean =>
    queries.some(name => name === '*' || queryValues(pair, name).length > 0)
  const rawHeaders: string[] = []
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] as string).toLowerCase()
    if (headers.includes(name) || headers.includes('*'))
      rawHeaders.push(name, request.rawHeaders[index + 1] as string)
  }
  return {
    method: 'GET',
    host: request.host,
    path: detached(request.path),
    rawQuery: detached(
      queries.includes('*') ? request.rawQuery : request.rawQuery.split('&').filter(isKept).join('&'),
    ),
    rawHeaders,
    cookie: isForSomebody(parts, request) ? request.cookie : undefined,
    address: request.address,
    protocol: request.protocol,
  }
}

/** The same text as a string of its own: a slice would keep the whole address alive that it was cut from. */
function detached(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}
