import { type QuintetError, signal } from '../core/index.ts'

/** A new slot is followed from this position on. */
export const connected = signal<{
  epoch: string
  /** As `formatPosition` writes it; here and below. */
  position: string
}>('feed.connected')

/** Something other than the feed holds it up for a second or more; repeated while it lasts. */
export const waiting = signal<{
  /** `slot`, `fence`: writers that were open at the start; `visibility`: a commit in doubt (a standby is late). */
  for: 'slot' | 'fence' | 'visibility'
  waitedMs: number
  /** Who, in words; empty if the role may not know. */
  holders: readonly string[]
}>('feed.waiting')

/** A transaction has been emitted. */
export const transaction = signal<{
  position: string
  changes: number
  /** Between the commit by the database's clock and now; off by what the clocks differ. */
  lagMs: number
  /** Between the log's word of it and now: how long it had to wait to become visible. */
  heldMs: number
}>('feed.transaction')

/** Once a second: how far the feed is behind. */
export const lag = signal<{
  /** Log that the server has told and that is not emitted, in bytes. */
  bytes: number
  /** Transactions that wait to become visible. */
  queued: number
  /** Large transactions that the server tells while they run. */
  streaming: number
}>('feed.lag')

/** The catalog differs although no DDL was announced (rule 2): everything cached goes. */
export const catalogChanged = signal<Record<string, never>>('feed.catalogChanged')

/** The epoch ended: everything cached goes. */
export const reset = signal<{ reason: string }>('feed.reset')

/** The feed could not connect, or lost its connection; it tries again after `retryMs`. */
export const failed = signal<{ error: QuintetError; retryMs: number }>('feed.failed')

/** What happened to a process on the feed's socket. */
export const client = signal<{
  event: 'joined' | 'resumed' | 'reset' | 'left' | 'tooSlow'
  clients: number
}>('feed.client')
