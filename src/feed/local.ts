import { type Clock, type Service, systemClock } from '../core/index.ts'
import { Pinger } from './pinger.ts'
import type { FeedSource } from './source.ts'
import type { FeedView } from './view.ts'

export interface LocalFeedOptions {
  /** Default 300. */
  readonly freshnessMs?: number
  readonly clock?: Clock
}

/** The view of a source in the same process, without a socket; start and stop the source beside. */
export function createLocalFeed(source: FeedSource, options: LocalFeedOptions = {}): FeedView & Service {
  const freshnessMs = options.freshnessMs ?? 300
  const pinger = new Pinger({ freshnessMs, clock: options.clock ?? systemClock }, async id =>
    pinger.answer(id, await source.barrier(5_000)),
  )
  let stopListening: (() => void) | undefined
  const begin = (): void => {
    pinger.close()
    pinger.lose()
    if (source.position) pinger.open()
  }
  return {
    name: 'local feed',
    async start() {
      stopListening = source.onBegin(begin)
      begin()
    },
    async stop() {
      stopListening?.()
      pinger.stop()
    },
    get position() {
      return source.position
    },
    fresh: () => source.position !== null && pinger.fresh(),
    since: position => source.since(position),
    reached: (target, timeoutMs) => source.reached(target, timeoutMs),
    barrier: timeoutMs => source.barrier(timeoutMs),
    onTransaction: listener => source.onTransaction(listener),
    onReset: listener => source.onReset(listener),
  }
}
