import { pagePurged, pagesDropped } from '../cache/index.ts'
import { type Clock, systemClock } from '../core/index.ts'
import { formatPosition } from '../data/index.ts'
import type { Change, FeedView } from '../feed/index.ts'

/** What a watcher is told: each commit with the pages it purged, and each time that everything went. */
export type WatchEvent =
  | {
      readonly type: 'commit'
      /** This process's wall-clock time after the purge, milliseconds. */
      readonly at: number
      /** By the database's clock, milliseconds. */
      readonly committedAt: number
      readonly xid: number
      readonly position: string
      /** One for each table and kind, in the order of their first change. */
      readonly changes: readonly WatchedChange[]
      readonly purged: number
      /** Host and path of the first of them, each once. */
      readonly pages: readonly string[]
    }
  | {
      readonly type: 'dropped'
      readonly at: number
      readonly reason: string
      /** How many pages there were. */
      readonly purged: number
    }

export interface WatchedChange {
  readonly kind: Change['kind']
  /** The table; what happened, if it concerns everything. */
  readonly what: string
  readonly rows: number
}

const mostPages = 10

/**
 * Tells every commit after its purge, until the returned function is called. Call it after the page store has begun
 * to listen to the same feed: listeners run in their order, so that the purges of a commit are known by then.
 */
export function watchCommits(
  feed: FeedView,
  listener: (event: WatchEvent) => void,
  clock: Clock = systemClock,
): () => void {
  let purged = 0
  let pages = new Set<string>()
  const stops = [
    pagePurged.subscribe(({ entry }) => {
      purged++
      if (pages.size < mostPages) pages.add(entry.key)
    }),
    pagesDropped.subscribe(({ reason, entries }) =>
      listener({ type: 'dropped', at: clock.now(), reason, purged: entries }),
    ),
    feed.onTransaction(({ xid, position, committedAt, changes }) => {
      const event: WatchEvent = {
        type: 'commit',
        at: clock.now(),
        committedAt,
        xid,
        position: formatPosition(position),
        changes: summary(changes),
        purged,
        pages: [...pages],
      }
      purged = 0
      pages = new Set()
      listener(event)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

function summary(changes: readonly Change[]): WatchedChange[] {
  const counted = new Map<string, { kind: Change['kind']; what: string; rows: number }>()
  for (const change of changes) {
    const what = change.kind === 'everything' ? change.reason : change.table
    const name = `${change.kind} ${what}`
    const known = counted.get(name)
    if (known) known.rows++
    else counted.set(name, { kind: change.kind, what, rows: 1 })
  }
  return [...counted.values()]
}
