import {
  type Entry,
  isPersonal,
  type LastPurge,
  type PageRequest,
  type PageStore,
  partValue,
} from '../cache/index.ts'
import { formatPosition } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import { withoutCookie } from '../http/index.ts'
import type { Dependency, QueryNote, RequestPart } from '../reads/index.ts'
import { positionCookie } from './clientPosition.ts'
import { passedHeaders } from './passedHeaders.ts'
import { renderPage } from './render.ts'
import type { Workers } from './workers.ts'

/** Why a page is or is not cached, what it depends on, and what last purged it. */
export interface Explanation {
  readonly url: string
  readonly status: number
  /** `stored`: it was in the store already, or is now; else why not. */
  readonly cached:
    | { readonly stored: true; readonly entry: ExplainedEntry }
    | { readonly stored: false; readonly why: string; readonly kind: string }
  /** The parts of the request it looked at, with this request's raw occurrences. */
  readonly variant: readonly { readonly part: RequestPart; readonly occurrences: readonly string[] | null }[]
  readonly personal: boolean
  readonly dependencies: readonly Dependency[]
  /** The queries behind the dependencies, with what kept them from being narrower. */
  readonly queries: readonly QueryNote[]
  /** `formatPosition`; null without a feed. */
  readonly madeAt: string | null
  readonly lastPurge: LastPurge | null
  readonly feed: { readonly position: string | null; readonly fresh: boolean }
}

export interface ExplainedEntry {
  readonly position: string
  /** Wall-clock milliseconds. */
  readonly madeAt: number
  readonly hits: number
  readonly bytes: number
  readonly endsAt: number | null
  /** True if this explanation's own render put it there. */
  readonly justNow: boolean
}

/** Makes the page once more, with the worker's notes on each query, and says what the store holds of it. */
export async function explainPage(
  url: URL,
  options: {
    store: PageStore
    workers: Workers
    feed: FeedView
    maxEntryBytes: number
    cookie?: string
    headers?: Readonly<Record<string, string>>
  },
): Promise<Explanation> {
  const { store, workers, feed } = options
  const request: PageRequest = {
    method: 'GET',
    host: url.host.toLowerCase(),
    path: url.pathname,
    rawQuery: url.search.slice(1),
    rawHeaders: passedHeaders(Object.entries(options.headers ?? {}).flat(), 'GET'),
    cookie: withoutCookie(options.cookie, positionCookie),
    address: '127.0.0.1',
    protocol: url.protocol === 'http:' ? 'http' : 'https',
  }
  const before = store.peek(request)
  const rendered = await renderPage(workers, request, { maxBytes: options.maxEntryBytes, explain: true })
  const record = rendered?.record
  const fill = !before && rendered ? store.fill(request, rendered.response, record) : undefined
  const entry = before ?? store.peek(request)
  const refused = fill && !fill.stored ? fill.reason : undefined
  const parts = entry?.spec.parts ?? record?.parts ?? []
  return {
    url: url.href,
    status: rendered?.response.status ?? entry?.response.status ?? 0,
    cached: entry
      ? { stored: true, entry: explained(entry, entry !== before) }
      : {
          stored: false,
          kind: refused?.kind ?? 'size',
          why: refused?.text ?? `Its body is over the limit of ${options.maxEntryBytes} bytes for one page.`,
        },
    variant: parts.map(part => ({ part, occurrences: occurrences(part, request) })),
    personal: isPersonal(parts),
    dependencies: entry?.dependencies ?? record?.dependencies ?? [],
    queries: record?.queries ?? [],
    madeAt: record?.position ?? null,
    lastPurge: store.lastPurge(request) ?? null,
    feed: { position: feed.position && formatPosition(feed.position), fresh: feed.fresh() },
  }
}

function explained(entry: Entry, justNow: boolean): ExplainedEntry {
  return {
    position: formatPosition(entry.position),
    madeAt: entry.madeAt,
    hits: entry.hits,
    bytes: entry.response.body.length,
    endsAt: entry.endsAt,
    justNow,
  }
}

/** The raw occurrences behind a part's value; null for none (an absent parameter is looked at, too). */
function occurrences(part: RequestPart, request: PageRequest): string[] | null {
  const value = partValue(part, request)
  if (value === '') return null
  return value.startsWith('\0') ? value.slice(1).split('\0') : [value]
}
