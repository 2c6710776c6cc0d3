import { signal } from '../core/index.ts'
import type { Entry } from './entry.ts'
import type { LastPurge } from './lastPurge.ts'
import type { Refusal } from './refusal.ts'

/** A page was stored. */
export const pageStored = signal<{ entry: Entry }>('cache.stored')
/** A response was not stored, and why. */
export const pageRefused = signal<{ key: string; refusal: Refusal }>('cache.refused')
/** A committed change removed a page. */
export const pagePurged = signal<{ entry: Entry; purge: LastPurge }>('cache.purged')
/** Everything was dropped: a new epoch, a gap in the feed, or a new build. */
export const pagesDropped = signal<{ reason: string; entries: number }>('cache.dropped')

/** A shared value was used: kept (`hit`), computed together (`joined`), computed and offered (`made`), or `alone`. */
export const sharedUsed = signal<{
  kind: 'query' | 'function'
  name: string
  outcome: 'hit' | 'joined' | 'made' | 'alone'
}>('cache.sharedUsed')
/** A value was computed and not kept, and why. */
export const sharedRefused = signal<{ key: string; name: string; reason: string }>('cache.sharedRefused')
/** A committed change removed a shared value. */
export const sharedPurged = signal<{ key: string; position: string }>('cache.sharedPurged')
/** The object cache was asked for a value set by hand. */
export const objectAsked = signal<{ key: string; hit: boolean }>('cache.objectAsked')
