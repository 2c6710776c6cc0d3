import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { contentWord, type Encoding, isCompressible, parseCacheControl, strongETag } from '../http/index.ts'
import type { RequestPart } from '../reads/index.ts'
import { interned } from './interned.ts'
import { isPersonal } from './variant.ts'

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

/** Below this many bytes, compressing costs more than it saves. */
const leastCompressed = 860

/** A whole response as the worker made it, without the headers that belong to one connection or to Quintet. */
export interface PageResponse {
  readonly status: number
  /** Flat list of raw names and values. */
  readonly headers: readonly string[]
  readonly body: Buffer
}

/** One content coding of a page, ready to be written. */
export interface Representation {
  readonly encoding: Encoding
  readonly body: Buffer
  /** Undefined where nothing less than the whole answer may be sent, because it sets a cookie. */
  readonly etag: string | undefined
  /** Flat lists of raw names and values, `Cache-Status` excluded; made when asked for, and the caller's own. */
  readonly headers: string[]
  readonly hitHeaders: string[]
  readonly notModifiedHeaders: string[]
}

/** A page in all the codings it has been asked for: compressed at most once for each, however many ask at once. */
export interface Representations {
  readonly identity: Representation
  /** The codings it has been asked for so far. */
  codings(): Encoding[]
  /** The best of what may be sent for `wanted`: at once if it is ready, else when it is compressed. */
  get(wanted: Encoding): Representation | Promise<Representation>
}

/**
 * Prepares a page for browsers (DESIGN §3, Downstream): a strong ETag per coding (over the headers, too:
 * one that changes alone must reach a browser that has the body), `Cache-Control: no-cache` with
 * `private` where a person's cookies were read, `Vary` over what was read. `onCompressed` hears of each new body's
 * bytes; `quality` is Brotli's.
 */
export function representations(
  response: PageResponse,
  parts: readonly RequestPart[],
  options: { quality?: number; onCompressed?: (bytes: number) => void } = {},
): Representations {
  const app = appHeaders(response.headers)
  const compressible =
    response.body.length >= leastCompressed &&
    !app.encoded &&
    isCompressible(app.contentType) &&
    !parseCacheControl(app.cacheControl).has('no-transform')
  const shared = ['cache-control', downstreamCacheControl(app, parts)]
  const vary = varyHeader(app.vary, parts, compressible)
  if (vary !== '') shared.push('vary', vary)
  return new Codings({
    word: app.setsCookie ? undefined : contentWord(response.body, app.kept.filter(isOfThePage)),
    status: response.status,
    body: response.body,
    kept: interned(app.kept),
    shared: interned(shared),
    compressible,
    ...options,
  })
}

/** What all codings of a page have in common. */
interface Common {
  readonly word: string | undefined
  readonly status: number
  readonly body: Buffer
  /** Of the app's own headers; one list for all pages that have the same. */
  readonly kept: readonly string[]
  /** `Cache-Control` and `Vary`; likewise. */
  readonly shared: readonly string[]
  readonly compressible: boolean
  readonly quality?: number
  readonly onCompressed?: (bytes: number) => void
}

/** Most pages are asked for in one coding or two; the fields of the others stay empty. */
class Codings implements Representations {
  readonly identity: Representation
  readonly #common: Common
  #br: Representation | Promise<Representation> | undefined
  #gzip: Representation | Promise<Representation> | undefined

  constructor(common: Common) {
    this.#common = common
    this.identity = new Coded(common, 'identity', common.body)
  }

  codings(): Encoding[] {
    return ['identity', ...(this.#br ? ['br' as const] : []), ...(this.#gzip ? ['gzip' as const] : [])]
  }

  get(wanted: Encoding): Representation | Promise<Representation> {
    if (wanted === 'identity' || !this.#common.compressible) return this.identity
    const known = wanted === 'br' ? this.#br : this.#gzip
    if (known) return known
    const { body, quality, onCompressed } = this.#common
    const made = compress(wanted, body, quality ?? 5).then(
      compressed => {
        const coded = new Coded(this.#common, wanted, compressed)
        this.#keep(wanted, coded)
        onCompressed?.(compressed.length)
        return coded
      },
      () => this.identity,
    )
    this.#keep(wanted, made)
    return made
  }

  #keep(encoding: 'br' | 'gzip', coded: Representation | Promise<Representation>): void {
    if (encoding === 'br') this.#br = coded
    else this.#gzip = coded
  }
}

/** Its lists of headers are put together when they are sent: kept ready they would be most of what an entry takes. */
class Coded implements Representation {
  readonly encoding: Encoding
  readonly body: Buffer
  readonly #common: Common

  constructor(common: Common, encoding: Encoding, body: Buffer) {
    this.#common = common
    this.encoding = encoding
    this.body = body
  }

  get etag(): string | undefined {
    const { word } = this.#common
    return word === undefined ? undefined : strongETag(word, this.encoding)
  }

  get headers(): string[] {
    const { kept, shared, status } = this.#common
    const { etag } = this
    const headers = [...kept, ...shared]
    if (etag !== undefined) headers.push('etag', etag)
    if (this.encoding !== 'identity') headers.push('content-encoding', this.encoding)
    else if (status === 200 && etag !== undefined) headers.push('accept-ranges', 'bytes')
    if (status !== 204 && status !== 304) headers.push('content-length', String(this.body.length))
    return headers
  }

  get hitHeaders(): string[] {
    const headers = this.headers
    headers.push('cache-status', 'quintet; hit')
    return headers
  }

  get notModifiedHeaders(): string[] {
    const { etag } = this
    return etag === undefined ? [...this.#common.shared] : [...this.#common.shared, 'etag', etag]
  }
}

/** Headers that tell of one render and not of the page: they make no other representation of it. */
const ofOneRender = new Set(['server-timing', 'x-request-id', 'x-response-time', 'x-runtime'])

function isOfThePage(_: string, index: number, headers: readonly string[]): boolean {
  return !ofOneRender.has((headers[index - (index % 2)] as string).toLowerCase())
}

function compress(encoding: 'br' | 'gzip', body: Buffer, quality: number): Promise<Buffer> {
  return encoding === 'br'
    ? brotli(body, {
        params: {
          [constants.BROTLI_PARAM_QUALITY]: quality,
          [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
        },
      })
    : gzipped(body, { level: Math.min(6, quality) })
}

interface AppHeaders {
  readonly kept: readonly string[]
  readonly contentType: string | undefined
  readonly cacheControl: string | undefined
  readonly vary: string
  readonly encoded: boolean
  readonly setsCookie: boolean
}

/** The app's own headers, less those that are written anew. `Last-Modified` never answers for a dynamic page. */
function appHeaders(headers: readonly string[]): AppHeaders {
  const kept: string[] = []
  const vary: string[] = []
  let contentType: string | undefined
  let cacheControl: string | undefined
  let encoded = false
  let setsCookie = false
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string
    const value = headers[index + 1] as string
    switch (name.toLowerCase()) {
      case 'content-length':
      case 'etag':
      case 'last-modified':
      case 'accept-ranges':
      case 'date':
        continue
      case 'cache-control':
        cacheControl = cacheControl === undefined ? value : `${cacheControl}, ${value}`
        continue
      case 'vary':
        vary.push(value)
        continue
      case 'content-type':
        contentType = value
        break
      case 'content-encoding':
        encoded = true
        break
      case 'set-cookie':
        setsCookie = true
        break
    }
    kept.push(name, value)
  }
  return { kept, contentType, cacheControl, vary: vary.join(', '), encoded, setsCookie }
}

/** Browsers ask each time; only what is immutable, or must not be kept at all, goes as the app said. */
function downstreamCacheControl(app: AppHeaders, parts: readonly RequestPart[]): string {
  const directives = parseCacheControl(app.cacheControl)
  if (app.cacheControl !== undefined && (directives.has('immutable') || directives.has('no-store')))
    return app.cacheControl
  return isPersonal(parts) || app.setsCookie || directives.has('private') ? 'private, no-cache' : 'no-cache'
}

/**
 * An answer's headers with the `Cache-Control` it goes downstream with, for what is streamed through. Without a
 * record (another program's answer) the app's own word stands; without either, browsers must ask each time.
 */
export function withCacheControl(
  headers: readonly string[],
  parts: readonly RequestPart[] | undefined,
): string[] {
  const app = appHeaders(headers)
  if (parts === undefined)
    return app.cacheControl === undefined ? [...headers, 'cache-control', 'no-cache'] : [...headers]
  const kept: string[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if ((headers[index] as string).toLowerCase() !== 'cache-control')
      kept.push(headers[index] as string, headers[index + 1] as string)
  }
  kept.push('cache-control', downstreamCacheControl(app, parts))
  return kept
}

function varyHeader(app: string, parts: readonly RequestPart[], compressible: boolean): string {
  const names = new Map<string, string>()
  const add = (name: string): void => {
    if (name !== '' && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  if (compressible) add('Accept-Encoding')
  for (const name of app.split(',')) add(name.trim())
  for (const part of parts) {
    if (part.startsWith('cookie:')) add('Cookie')
    else if (part.startsWith('header:')) add(part.slice('header:'.length))
  }
  return names.has('*') ? '*' : [...names.values()].join(', ')
}
