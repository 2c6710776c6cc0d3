import { covers, type Position, parseLsn, parsePosition } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import type { ReadRecord } from '../reads/index.ts'
import type { ClientPositions } from './clientPosition.ts'

/** Longest wait for the feed to catch up; after it the client reads past the caches instead. */
const patienceMs = 50

/** No feed ever has this epoch, so who carries it is served from a cache only after a barrier. */
const unknownEpoch = 'unknown'
const unknown: Position = { epoch: unknownEpoch, lsn: 0n }

/** What a client's position means for serving it. */
export interface Standing {
  /** False: this process can't show that it is as fresh as the client; it must read past the caches. */
  readonly served: boolean
  /** The position a render must have begun at to be shared with this client. */
  readonly position: Position | undefined
}

/** DESIGN §3, Own writes: a client never misses what it wrote. */
export interface OwnWrites {
  /** Waits, at most 50 ms, until this process is as fresh as the client. */
  stand(position: Position): Promise<Standing>
  /**
   * After an answer: waits, at most 50 ms, until this process has seen what the request wrote, and returns the
   * headers that tell the client how fresh it must be served. An unsafe request without a record may have written.
   */
  settle(answer: {
    record: ReadRecord | undefined
    unsafe: boolean
    incoming: Position | undefined
    secure: boolean
  }): Promise<string[]>
  /**
   * The same headers for an unsafe request that got no answer: it may commit yet, so its client is served from a cache
   * only by who has seen everything up to that moment.
   */
  uncertain(secure: boolean): string[]
}

export function createOwnWrites(feed: FeedView, positions: ClientPositions): OwnWrites {
  function written(record: ReadRecord | undefined): Position | undefined {
    if (!record?.wrote) return undefined
    const epoch = (record.position === null ? undefined : parsePosition(record.position))?.epoch
    return { epoch: epoch ?? feed.position?.epoch ?? unknownEpoch, lsn: parseLsn(record.wrote) }
  }

  const carried = (position: Position, secure: boolean): string[] => [
    'set-cookie',
    positions.setCookie(position, secure),
    'quintet-position',
    positions.sign(position),
  ]

  return {
    async stand(position) {
      if (feed.position?.epoch !== position.epoch) {
        const passed = await feed.barrier(patienceMs)
        return { served: passed, position: passed ? (feed.position ?? undefined) : position }
      }
      const served = covers(feed.position, position) || (await feed.reached(position, patienceMs))
      return { served, position }
    },

    async settle({ record, unsafe, incoming, secure }) {
      let own = written(record)
      if (own) {
        await feed.reached(own, patienceMs)
      } else if (!record && unsafe) {
        const passed = await feed.barrier(patienceMs)
        own = passed && feed.position ? feed.position : unknown
      }
      if (!own) return []
      const furthest = incoming && covers(incoming, own) ? incoming : own
      return carried(furthest, secure)
    },

    uncertain: secure => carried(unknown, secure),
  }
}
