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
