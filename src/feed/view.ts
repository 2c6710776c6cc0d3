import type { Position } from '../data/index.ts'
import type { Transaction } from './change.ts'

/**
 * What a cache sees of the feed. For every transaction, all `onTransaction` listeners have run before `position`
 * includes it; so does a cache purge before it claims to be that fresh.
 */
export interface FeedView {
  /** How far this process has come; null until the feed has been joined, and after it was lost with a gap. */
  readonly position: Position | null
  /**
   * True while everything committed more than `freshness` ago has been seen: dates from this process's own last
   * answered ping, not from heartbeats (which may have waited in a buffer).
   */
  fresh(): boolean
  /** Transactions after `position` that this process still remembers, oldest first; null if its memory does not reach back that far. */
  since(position: Position): readonly Transaction[] | null
  /** Resolves to true once `position` covers the target, to false after `timeoutMs` or if it never can (another epoch). */
  reached(target: Position, timeoutMs: number): Promise<boolean>
  /** Resolves to true once everything committed before this call has been seen; to false after `timeoutMs`. */
  barrier(timeoutMs: number): Promise<boolean>
  /** Returns the function that stops listening. */
  onTransaction(listener: (transaction: Transaction) => void): () => void
  /** A new epoch or a gap: whatever was cached before must go. Runs before `position` is set anew. */
  onReset(listener: (reason: string) => void): () => void
}
