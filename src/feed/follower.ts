import { covers, type Position } from '../data/index.ts'
import type { Transaction } from './change.ts'
import { type LogLimits, TransactionLog } from './transactionLog.ts'

interface Waiter {
  readonly target: Position
  readonly settle: (reached: boolean) => void
}

/**
 * How far one process has followed the feed, and what it remembers: the part of a `FeedView` that does not
 * depend on how transactions arrive. The order inside each step is the contract: listeners first, then the log,
 * then the position, then whoever waited for it.
 */
export class Follower {
  readonly #log: TransactionLog<Transaction>
  readonly #transactionListeners = new Set<(transaction: Transaction) => void>()
  readonly #resetListeners = new Set<(reason: string) => void>()
  readonly #positionListeners = new Set<(position: Position) => void>()
  readonly #beginListeners = new Set<(reason: string) => void>()
  readonly #waiters = new Set<Waiter>()
  #position: Position | null = null

  constructor(limits: Partial<LogLimits> = {}) {
    this.#log = new TransactionLog(limits)
  }

  get position(): Position | null {
    return this.#position
  }

  /** The position after which `since` knows everything. */
  get reach(): Position | null {
    return this.#log.reach
  }

  since(position: Position): readonly Transaction[] | null {
    return this.#position ? this.#log.since(position) : null
  }

  reached(target: Position, timeoutMs: number): Promise<boolean> {
    if (this.#position && covers(this.#position, target)) return Promise.resolve(true)
    if (this.#position && this.#position.epoch !== target.epoch) return Promise.resolve(false)
    return new Promise(resolve => {
      const timer = setTimeout(() => waiter.settle(false), timeoutMs)
      const waiter: Waiter = {
        target,
        settle: reached => {
          clearTimeout(timer)
          this.#waiters.delete(waiter)
          resolve(reached)
        },
      }
      this.#waiters.add(waiter)
    })
  }

  onTransaction(listener: (transaction: Transaction) => void): () => void {
    this.#transactionListeners.add(listener)
    return () => void this.#transactionListeners.delete(listener)
  }

  onReset(listener: (reason: string) => void): () => void {
    this.#resetListeners.add(listener)
    return () => void this.#resetListeners.delete(listener)
  }

  /** Called after the position has moved over log without transactions. */
  onPosition(listener: (position: Position) => void): () => void {
    this.#positionListeners.add(listener)
    return () => void this.#positionListeners.delete(listener)
  }

  /** Called after every {@link begin}, when `position` has its new value. */
  onBegin(listener: (reason: string) => void): () => void {
    this.#beginListeners.add(listener)
    return () => void this.#beginListeners.delete(listener)
  }

  /** Takes a transaction of the current epoch; one at or before the position has been seen already. */
  apply(transaction: Transaction, bytes: number): void {
    const { position } = transaction
    if (!this.#position || position.epoch !== this.#position.epoch) return
    if (position.lsn <= this.#position.lsn) return
    runAll(this.#transactionListeners, transaction)
    this.#log.append(position.lsn, transaction, bytes)
    this.#moveTo(position)
  }

  /** Moves on over log without transactions. */
  advance(lsn: bigint): void {
    if (!this.#position || lsn <= this.#position.lsn) return
    const position = { epoch: this.#position.epoch, lsn }
    this.#moveTo(position)
    runAll(this.#positionListeners, position)
  }

  /**
   * A gap, a new epoch or the loss of the feed (`position` null): what was cached must go. The reset listeners run
   * before every new position, also the first: what happened before it (DDL that the start waited for) was told to
   * nobody. Only where none was lost and none begins is there nothing to say.
   */
  begin(position: Position | null, reason: string): void {
    const had = this.#position
    this.#position = null
    if (had || position) runAll(this.#resetListeners, reason)
    this.#log.begin(position)
    if (position) this.#moveTo(position)
    runAll(this.#beginListeners, reason)
  }

  /** Gives up on every waiter. */
  stop(): void {
    for (const waiter of [...this.#waiters]) waiter.settle(false)
  }

  #moveTo(position: Position): void {
    this.#position = position
    for (const waiter of [...this.#waiters]) {
      if (waiter.target.epoch !== position.epoch) waiter.settle(false)
      else if (position.lsn >= waiter.target.lsn) waiter.settle(true)
    }
  }
}

/** Every listener runs even if one throws; then the first error is thrown, so that no position advances over it. */
function runAll<Value>(listeners: Iterable<(value: Value) => void>, value: Value): void {
  let failed: { error: unknown } | undefined
  for (const listener of [...listeners]) {
    try {
      listener(value)
    } catch (error) {
      failed ??= { error }
    }
  }
  if (failed) throw failed.error
}
