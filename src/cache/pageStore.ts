import { LRUCache } from 'lru-cache'
import { type Clock, systemClock } from '../core/index.ts'
import { covers, type Position, parsePosition } from '../data/index.ts'
import type { FeedView, Transaction } from '../feed/index.ts'
import { headerValues } from '../http/index.ts'
import type { Dependency, ReadRecord, RequestPart } from '../reads/index.ts'
import { createCurrentBuild } from './currentBuild.ts'
import { createDependencyIndex } from './dependencyIndex.ts'
import type { Entry } from './entry.ts'
import { interned } from './interned.ts'
import { type LastPurge, lastPurge } from './lastPurge.ts'
import { freshnessRefusal, type Refusal, responseRefusal } from './refusal.ts'
import { type PageResponse, representations } from './representation.ts'
import { pagePurged, pageRefused, pageStored, pagesDropped } from './signals.ts'
import {
  isForSomebody,
  onlyParts,
  type PageRequest,
  pageKey,
  type VariantSpec,
  variantKey,
  variantSpec,
} from './variant.ts'
import { createVariantTable } from './variantTable.ts'

export interface PageStoreOptions {
  /** Most bytes of pages, compressed forms and bookkeeping included; 0 stores nothing. */
  readonly maxBytes: number
  /** Most bytes of one page's body. */
  readonly maxEntryBytes: number
  readonly feed: FeedView
  readonly clock?: Clock
  /** Hears of each entry that a change removed, after it is gone. */
  readonly onPurged?: (entry: Entry, purge: LastPurge) => void
}

export interface PageStoreStats {
  entries: number
  bytes: number
  hits: number
  misses: number
  stored: number
  refused: number
  purged: number
  evicted: number
}

export type Fill =
  | { readonly stored: true; readonly entry: Entry }
  | { readonly stored: false; readonly reason: Refusal }

/**
 * The page store: where what responses read meets what was committed.
 *
 * It must hold at every moment that no entry depends on a change in a transaction the feed has emitted after the
 * entry's position. `fill` and the purge both run to their end without waiting, so neither sees half of the other.
 */
export interface PageStore {
  /** The entry that answers this request, or undefined. Whether the feed is fresh is the caller's question. */
  lookup(request: PageRequest): Entry | undefined
  /** The entry that answers this request, without counting as a hit. */
  peek(request: PageRequest): Entry | undefined
  /** Stores a whole response if every check allows it. */
  fill(request: PageRequest, response: PageResponse, record: ReadRecord | undefined): Fill
  /**
   * What requests that may wait for the same render have in common: the parts the page was last recorded with, or,
   * of a page never stored, all that tells people apart. Only a guess: `lookup` decides what anybody gets.
   */
  flightIdentity(request: PageRequest): string
  /** Whether any variant of the page is stored. */
  knows(request: PageRequest): boolean
  lastPurge(request: PageRequest): LastPurge | undefined
  /** Why the last response to a request of the same flight identity was not stored. */
  lastRefusal(request: PageRequest): (Refusal & { readonly at: number }) | undefined
  /** Removes everything. */
  drop(reason: string): void
  stats(): PageStoreStats
  /** Stops listening to the feed, and removes everything. */
  close(): void
}

const mostRemembered = 5_000
/** Of the names under which something is remembered: clients choose them, and may choose long ones. */
const mostNameBytes = 4 * 1024 * 1024
const bookkeepingBytes = 1_024

export function createPageStore(options: PageStoreOptions): PageStore {
  const { feed, maxBytes } = options
  const clock = options.clock ?? systemClock
  const table = createVariantTable()
  const index = createDependencyIndex<Entry>()
  const purges = remembered<LastPurge>()
  const refusals = remembered<Refusal & { at: number }>()
  const lastSpecs = remembered<VariantSpec>()
  const counters = { hits: 0, misses: 0, stored: 0, refused: 0, purged: 0, evicted: 0 }
  const build = createCurrentBuild(clock, drop)

  // The value is the size, boxed: lru-cache measures an entry anew only when its value is another object.
  const recency = new LRUCache<Entry, { bytes: number }>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: size => size.bytes,
    dispose: (_, entry, why) => {
      if (why !== 'evict') return
      counters.evicted++
      table.remove(entry)
      index.remove(entry)
    },
    noDisposeOnSet: true,
  })

  function remove(entry: Entry): void {
    table.remove(entry)
    index.remove(entry)
    recency.delete(entry)
  }

  function drop(reason: string): void {
    const entries = recency.size
    table.clear()
    for (const entry of recency.keys()) index.remove(entry)
    recency.clear()
    pagesDropped.emit(() => ({ reason, entries }))
  }

  function purge(transaction: Transaction): void {
    for (const change of transaction.changes) {
      for (const entry of index.affected(change)) {
        // Made at or after this commit: it shows it already.
        if (covers(entry.position, transaction.position)) continue
        remove(entry)
        counters.purged++
        const last = lastPurge(transaction, change, clock.now())
        purges.set(entry.key, last)
        pagePurged.emit(() => ({ entry, purge: last }))
        options.onPurged?.(entry, last)
      }
    }
  }

  function refusal(
    request: PageRequest,
    response: PageResponse,
    record: ReadRecord | undefined,
  ): Refusal | undefined {
    if (maxBytes === 0) return { kind: 'disabled', text: 'The page cache is off.' }
    const own = responseRefusal(request, response, record, options)
    if (own || !record) return own
    if (record.endsAt !== null && record.endsAt <= clock.now())
      return { kind: 'ended', text: 'What it depends on has ended already.' }
    return freshnessRefusal(record, feed)
  }

  function flightIdentity(request: PageRequest): string {
    const key = pageKey(request)
    const spec = lastSpecs.get(key)
    if (spec) return `${key}\n${spec.name}\n${variantKey(spec, request)}`
    const authorization = headerValues(request.rawHeaders, 'authorization').join()
    return `${key}?${request.rawQuery}\n${request.protocol}\n${request.cookie ?? ''}\n${authorization}`
  }

  function refuse(request: PageRequest, reason: Refusal): Fill {
    counters.refused++
    const key = pageKey(request)
    refusals.set(flightIdentity(request), { ...reason, at: clock.now() })
    pageRefused.emit(() => ({ key, refusal: reason }))
    return { stored: false, reason }
  }

  const unsubscribe = [feed.onTransaction(purge), feed.onReset(drop)]

  return {
    lookup(request) {
      const entry = table.find(request)
      if (entry === undefined) {
        counters.misses++
        return undefined
      }
      if (entry.endsAt !== null && entry.endsAt <= clock.now()) {
        remove(entry)
        counters.misses++
        return undefined
      }
      recency.get(entry)
      entry.hits++
      entry.lastHit = ++counters.hits
      return entry
    },

    peek: request => table.find(request),

    fill(request, response, record) {
      const reason = refusal(request, response, record)
      if (reason || !record) return refuse(request, reason ?? { kind: 'no-record', text: '' })
      if (!build.accepts(record.build))
        return refuse(request, { kind: 'build', text: `Build ${record.build} has been replaced.` })

      const spec = variantSpec([...record.parts, ...varyParts(response)])
      const key = pageKey(request)
      const variant = variantKey(spec, request)
      const cut = onlyParts(spec.parts, request)
      const dependencies = record.dependencies.map(sharing)
      const dependencyBytes = JSON.stringify(dependencies).length
      let bytes =
        bookkeepingBytes +
        response.body.length +
        2 * (dependencyBytes + key.length + variant.length + sizeOf(response.headers)) +
        sizeOf([cut.path, cut.rawQuery, cut.cookie ?? '', ...cut.rawHeaders])
      if (bytes > maxBytes)
        return refuse(request, {
          kind: 'size',
          text: `Its ${bytes} bytes are more than the whole page store.`,
        })
      const kept = { ...response, headers: interned(response.headers), body: ownBytes(response.body) }
      const entry: Entry = {
        key,
        spec,
        variant,
        request: cut,
        dependencies,
        position: parsePosition(record.position as string) as Position,
        build: record.build,
        madeAt: clock.now(),
        endsAt: record.endsAt,
        response: kept,
        pages: representations(kept, spec.parts, {
          onCompressed(more) {
            bytes += more
            if (recency.has(entry)) recency.set(entry, { bytes })
          },
        }),
        forSomebody: isForSomebody(spec.parts, request),
        hits: 0,
        lastHit: 0,
      }
      for (const displaced of table.put(entry)) {
        index.remove(displaced)
        recency.delete(displaced)
      }
      index.add(entry, entry.dependencies)
      recency.set(entry, { bytes })
      counters.stored++
      refusals.delete(flightIdentity(request))
      lastSpecs.set(key, spec)
      pageStored.emit(() => ({ entry }))
      return { stored: true, entry }
    },

    flightIdentity,
    knows: request => table.knows(pageKey(request)),
    lastPurge: request => purges.get(pageKey(request)),
    lastRefusal: request => refusals.get(flightIdentity(request)),
    drop,
    stats: () => ({ entries: recency.size, bytes: recency.calculatedSize, ...counters }),
    close() {
      for (const stop of unsubscribe) stop()
      drop('The page store was closed.')
    },
  }
}

/** A dependency whose words that many others have too are one object with theirs. */
function sharing(dependency: Dependency): Dependency {
  const { columns } = dependency
  return columns === null ? dependency : { ...dependency, columns: interned(columns) }
}

/** What the app's own `Vary` names counts as looked at, whoever looked (the worker is never sent Accept-Encoding). */
function varyParts(response: PageResponse): RequestPart[] {
  return headerValues(response.headers, 'vary')
    .flatMap(value => value.split(','))
    .map(name => name.trim().toLowerCase())
    .filter(name => name !== '' && name !== 'accept-encoding')
    .map(name => `header:${name}` as const)
}

/** The same bytes without the block they are a part of: it would be kept whole, and holds what is not counted. */
function ownBytes(body: Buffer): Buffer {
  if (body.buffer.byteLength === body.length) return body
  const own = Buffer.allocUnsafeSlow(body.length)
  body.copy(own)
  return own
}

function sizeOf(texts: readonly string[]): number {
  let bytes = 0
  for (const text of texts) bytes += text.length
  return bytes
}

function remembered<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({
    max: mostRemembered,
    maxSize: mostNameBytes,
    sizeCalculation: (_: Value, name: string) => name.length + 1,
  })
}
