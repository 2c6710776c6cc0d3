import { covers, type Position } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'

/**
 * Renders in flight, so that requests for the same page may wait for one instead of starting their own
 * (DESIGN §3 rule 8). A waiter is told only whether the render was stored; it then looks in the store, which
 * verifies every recorded part against its own request. So nobody ever gets what is private, refused or another's.
 */
export interface Flights {
  /**
   * Waits for a render of the same identity: resolves to true if it was stored. Undefined if there is none that may
   * be joined: none in flight, one begun before the client's own position, or a feed that is not fresh.
   */
  join(identity: string, clientPosition: Position | undefined): Promise<boolean> | undefined
  /** Announces a render that begins now; a later one takes over from an older one with the same identity. */
  begin(identity: string): Flight
  readonly size: number
}

export interface Flight {
  /** Ends it; safe to call twice, the first counts. */
  settle(stored: boolean): void
}

interface InFlight {
  readonly position: Position | null
  readonly landed: Promise<boolean>
}

export function createFlights(feed: FeedView): Flights {
  const inFlight = new Map<string, InFlight>()
  return {
    join(identity, clientPosition) {
      const flight = inFlight.get(identity)
      if (!flight?.position || !feed.fresh()) return undefined
      if (clientPosition && !covers(flight.position, clientPosition)) return undefined
      return flight.landed
    },
    begin(identity) {
      let land: (stored: boolean) => void = () => {}
      const flight: InFlight = {
        position: feed.position,
        landed: new Promise(resolve => {
          land = resolve
        }),
      }
      inFlight.set(identity, flight)
      return {
        settle(stored) {
          if (inFlight.get(identity) === flight) inFlight.delete(identity)
          land(stored)
        },
      }
    },
    get size() {
      return inFlight.size
    },
  }
}
