import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { contentWord, type Encoding, isCompressible, parseCacheControl, strongETag } from '../http/index.ts'
import type { RequestPart } from '../reads/index.ts'
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
  readonly etag: string
  /** Flat lists of raw names and values, `Cache-Status` excluded. */
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
 * Prepares a page for browsers (DESIGN §3, Downstream): a strong ETag per coding, `Cache-Control: no-cache` with
 * `private` where a person's cookies were read, `Vary` over what was read. `onCompressed` hears of each new body's
 * bytes; `quality` is Brotli's.
 */
export function representations(
  response: PageResponse,
  parts: readonly RequestPart[],
  options: { quality?: number; onCompressed?: (bytes: number) => void } = {},
): Representations {
  const word = contentWord(response.body)
  const app = appHeaders(response.headers)
  const compressible =
    response.body.length >= leastCompressed &&
    !app.encoded &&
    isCompressible(app.contentType) &&
    !parseCacheControl(app.cacheControl).has('no-transform')
  const shared = ['cache-control', downstreamCacheControl(app, parts)]
  const vary = varyHeader(app.vary, parts, compressible)
  if (vary !== '') shared.push('vary', vary)

  const make = (encoding: Encoding, body: Buffer): Representation => {
    const etag = strongETag(word, encoding)
    const headers = [...app.kept, ...shared, 'etag', etag]
    if (encoding !== 'identity') headers.push('content-encoding', encoding)
    if (encoding === 'identity' && response.status === 200) headers.push('accept-ranges', 'bytes')
    if (response.status !== 204 && response.status !== 304)
      headers.push('content-length', String(body.length))
    return {
      encoding,
      body,
      etag,
      headers,
      hitHeaders: [...headers, 'cache-status', 'quintet; hit'],
      notModifiedHeaders: [...shared, 'etag', etag],
    }
  }

  const identity = make('identity', response.body)
  const ready = new Map<Encoding, Representation | Promise<Representation>>([['identity', identity]])
  return {
    identity,
    codings: () => [...ready.keys()],
    get(wanted) {
      if (!compressible) return identity
      const known = ready.get(wanted)
      if (known) return known
      const made = compress(wanted, response.body, options.quality ?? 5).then(
        body => {
          const representation = make(wanted, body)
          ready.set(wanted, representation)
          options.onCompressed?.(body.length)
          return representation
        },
        () => identity,
      )
      ready.set(wanted, made)
      return made
    },
  }
}

function compress(encoding: Encoding, body: Buffer, quality: number): Promise<Buffer> {
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
