import { setTimeout as wait } from 'node:timers/promises'
import { type Entry, type Flights, isLasting, type LastPurge, type PageStore } from '../cache/index.ts'
import { type Position, parsePosition } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import { renderPage } from './render.ts'
import type { Workers } from './workers.ts'

const mostAtOnce = 2
const mostQueued = 64
/** A worker may be a moment behind this process's feed; its render is then refused, and made again after this long. */
const retryAfterMs = [5, 20, 50]

/**
 * Makes purged pages again before anybody asks: only those that were hit since they were made, so it limits itself,
 * and none that was made for somebody (one that looked for a session and found none is anybody's). A page's recorded parts are all it depends on, so a request with just these parts is exact.
 */
export interface Refresher {
  purged(entry: Entry, purge: LastPurge): void
  /** Resolves when nothing is queued or in the making. */
  idle(): Promise<void>
  stop(): void
  readonly refreshed: number
}

export function createRefresher(options: {
  store: PageStore
  flights: Flights
  workers: Workers
  feed: FeedView
  maxBytes: number
}): Refresher {
  const { flights, workers, feed, store } = options
  let queue: { entry: Entry; after: Position | undefined }[] = []
  let active = 0
  let stopped = false
  let refreshed = 0
  let onIdle: (() => void)[] = []

  async function refresh(entry: Entry, after: Position | undefined): Promise<void> {
    if (after) await feed.reached(after, 100)
    if (stopped || !feed.fresh() || store.peek(entry.request)) return
    const flight = flights.begin(store.flightIdentity(entry.request))
    let stored = false
    try {
      for (let attempt = 0; !stored; attempt++) {
        const rendered = await renderPage(workers, entry.request, options)
        if (!rendered || stopped) return
        const fill = store.fill(entry.request, rendered.response, rendered.record)
        if (fill.stored) {
          stored = true
          refreshed++
          // Its visitors ask for the same codings again: compressed before they do.
          await Promise.all(entry.pages.codings().map(coding => fill.entry.pages.get(coding)))
          return
        }
        const pause = retryAfterMs[attempt]
        if (isLasting(fill.reason) || pause === undefined) return
        await wait(pause)
      }
    } catch {
      // No worker, or it failed: the next visitor's request will say so.
    } finally {
      flight.settle(stored)
    }
  }

  function next(): void {
    while (active < mostAtOnce && queue.length > 0) {
      queue.sort((a, b) => b.entry.lastHit - a.entry.lastHit)
      const { entry, after } = queue.shift() as (typeof queue)[number]
      active++
      refresh(entry, after).finally(() => {
        active--
        next()
      })
    }
    if (active === 0 && queue.length === 0) {
      for (const resolve of onIdle) resolve()
      onIdle = []
    }
  }

  return {
    purged(entry, purge) {
      if (stopped || entry.forSomebody || entry.hits === 0) return
      queue.push({ entry, after: parsePosition(purge.position) })
      if (queue.length > mostQueued) {
        queue.sort((a, b) => b.entry.lastHit - a.entry.lastHit)
        queue.length = mostQueued
      }
      // Not before all listeners have heard of the transaction and the position includes it.
      if (queue.length === 1) setImmediate(next)
    },
    idle() {
      return active === 0 && queue.length === 0
        ? Promise.resolve()
        : new Promise(resolve => {
            onIdle.push(resolve)
          })
    },
    stop() {
      stopped = true
      queue = []
    },
    get refreshed() {
      return refreshed
    },
  }
}
