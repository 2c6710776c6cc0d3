import { type Clock, QuintetError, type Service, systemClock } from '../core/index.ts'
import type { Position } from '../data/index.ts'
import type { Change, Row, Transaction } from './change.ts'
import { errors } from './errors.ts'
import { Follower } from './follower.ts'
import type { RowLimits } from './pendingTransaction.ts'
import { FeedSession, type SessionEvents } from './session.ts'
import * as signals from './signals.ts'
import type { LogLimits } from './transactionLog.ts'
import type { FeedView } from './view.ts'

export interface FeedSourceOptions {
  /** The primary; its role needs REPLICATION. */
  readonly url: string
  /** Default `quintet`. */
  readonly publication?: string
  /** The walsender's name in pg_stat_replication. Default `quintet-feed`. */
  readonly applicationName?: string
  readonly clock?: Clock
  /** When a table's rows in one transaction are summed up. */
  readonly rowLimits?: Partial<RowLimits>
  /** What is remembered for those who join late. */
  readonly logLimits?: Partial<LogLimits>
  /** How often an unannounced catalog change is looked for, in milliseconds; its bound. Default 1,000. */
  readonly tickMs?: number
  /** First and longest pause before connecting again, in milliseconds. Default 100 and 10,000. */
  readonly backoffMs?: { readonly first: number; readonly longest: number }
}

/** The feed at its origin: everything of a `FeedView` but a freshness of its own. */
export interface FeedSource extends Service, Omit<FeedView, 'fresh'> {
  /** The position after which `since` knows everything; null while there is none. */
  readonly reach: Position | null
  /** Called after the position has moved over log without transactions. */
  onPosition(listener: (position: Position) => void): () => void
  /** Called after every start of an epoch and after its end (`position` is null then). */
  onBegin(listener: (reason: string) => void): () => void
}

/**
 * Follows the database's commit log. `start` rejects if the server can't be reached or can't tell its log (see
 * `errors.ts`), and resolves as soon as that is checked; the first position comes when the writers that were open
 * at the start have finished. Afterwards a lost connection is replaced, with a new epoch.
 */
export function createFeedSource(options: FeedSourceOptions): FeedSource {
  const follower = new Follower(options.logLimits)
  const backoff = options.backoffMs ?? { first: 100, longest: 10_000 }
  const sessionOptions = {
    url: options.url,
    publication: options.publication ?? 'quintet',
    applicationName: options.applicationName ?? 'quintet-feed',
    clock: options.clock ?? systemClock,
    rowLimits: options.rowLimits,
    tickMs: options.tickMs ?? 1_000,
  }
  let session: FeedSession | undefined
  let stopped = true
  let retryMs = backoff.first
  let begunAt = Number.POSITIVE_INFINITY
  let retryTimer: NodeJS.Timeout | undefined

  const events: SessionEvents = {
    begin(position) {
      begunAt = performance.now()
      follower.begin(position, 'a new epoch began')
    },
    transaction: transaction => follower.apply(transaction, bytesOf(transaction)),
    advance: lsn => follower.advance(lsn),
    end(error) {
      session = undefined
      // An epoch that lasted ends the row of failures; one that broke off at once does not.
      if (performance.now() - begunAt > backoff.longest) retryMs = backoff.first
      begunAt = Number.POSITIVE_INFINITY
      const reason = error instanceof Error ? error.message : String(error)
      if (follower.position) signals.reset.emit(() => ({ reason }))
      follower.begin(null, reason)
      retryLater(error)
    },
  }

  function retryLater(cause: unknown): void {
    if (stopped) return
    const error =
      cause instanceof QuintetError ? cause : errors.FEED_LOST({ reason: String(cause) }, { cause })
    const delayMs = retryMs
    retryMs = Math.min(retryMs * 2, backoff.longest)
    signals.failed.emit(() => ({ error, retryMs: delayMs }))
    retryTimer = setTimeout(() => void connect().catch(retryLater), delayMs)
  }

  async function connect(): Promise<void> {
    const opened = await FeedSession.open(sessionOptions, events)
    if (stopped) return opened.close()
    session = opened
    void opened.follow()
  }

  return {
    name: 'feed',
    async start() {
      stopped = false
      await connect()
    },
    async stop() {
      if (stopped) return
      stopped = true
      clearTimeout(retryTimer)
      await session?.close()
      session = undefined
      follower.begin(null, 'the feed stopped')
      follower.stop()
    },
    get position() {
      return follower.position
    },
    get reach() {
      return follower.reach
    },
    since: position => follower.since(position),
    reached: (target, timeoutMs) => follower.reached(target, timeoutMs),
    async barrier(timeoutMs) {
      const begun = performance.now()
      const epoch = follower.position?.epoch
      if (!session || !epoch) return false
      try {
        const lsn = await session.barrier(target => (follower.position?.lsn ?? 0n) >= target)
        return await follower.reached({ epoch, lsn }, Math.max(0, timeoutMs - (performance.now() - begun)))
      } catch {
        return false
      }
    },
    onTransaction: listener => follower.onTransaction(listener),
    onReset: listener => follower.onReset(listener),
    onPosition: listener => follower.onPosition(listener),
    onBegin: listener => follower.onBegin(listener),
  }
}

/** About what a transaction takes in memory; only for bounding the log. */
function bytesOf(transaction: Transaction): number {
  return transaction.changes.reduce((bytes, change) => bytes + changeBytes(change), 200)
}

function changeBytes(change: Change): number {
  switch (change.kind) {
    case 'insert':
      return rowBytes(change.new)
    case 'delete':
      return rowBytes(change.old)
    case 'update':
      return rowBytes(change.old) + rowBytes(change.new)
    default:
      return 50
  }
}

function rowBytes(row: Row): number {
  let bytes = 50
  for (const column in row) bytes += column.length + (row[column]?.length ?? 4) + 6
  return bytes
}
