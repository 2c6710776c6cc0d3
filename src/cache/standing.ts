import { covers, type Position } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'

/** Longest wait for this process's feed to reach what the client has seen; after it the request reads for itself. */
const patienceMs = 50

/** As of when a request reads, and so how fresh a shared value must be for it. */
export interface Standing {
  /** Whether it may share at all, now: never while the feed isn't fresh, nor behind the client's own position. */
  mayShare(): boolean | Promise<boolean>
  /** A computation begun at or after this position has seen all that the request must see. */
  readonly atLeast: Position | null
}

/** `position`: this process's when the request began; `client`: how fresh its client must be served. */
export function createStanding(
  feed: FeedView,
  position: Position | null,
  client: Position | undefined,
): Standing {
  let ahead = client
  let atLeast = position
  let barred = position === null

  /** The epoch of the client's position is gone, or not known here: what was committed until now covers it. */
  async function catchUp(target: Position): Promise<boolean> {
    const { epoch } = feed.position ?? {}
    const caughtUp =
      target.epoch === epoch ? await feed.reached(target, patienceMs) : await feed.barrier(patienceMs)
    if (caughtUp && feed.position) {
      ahead = undefined
      atLeast = feed.position
    } else barred = true
    return !barred && isCurrent()
  }

  const isCurrent = (): boolean =>
    feed.position !== null && feed.position.epoch === atLeast?.epoch && feed.fresh()

  return {
    mayShare() {
      if (barred) return false
      if (!isCurrent()) return false
      if (!ahead) return true
      if (!feed.position || !covers(feed.position, ahead)) return catchUp(ahead)
      if (atLeast && covers(ahead, atLeast)) atLeast = ahead
      ahead = undefined
      return true
    },
    get atLeast() {
      return atLeast
    },
  }
}
