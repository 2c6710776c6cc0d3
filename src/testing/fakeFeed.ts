import { covers, type Position } from '../data/index.ts'
import type { Change, FeedView, Transaction } from '../feed/index.ts'

/** A feed that a test drives by hand: nothing arrives unless the test commits it. Not a real feed. */
export interface FakeFeed extends FeedView {
  /** Emits a transaction `by` WAL bytes further on, then advances; returns it. */
  commit(changes: readonly Change[], by?: bigint): Transaction
  /** Advances the position without a transaction, as a keepalive does. */
  advance(by?: bigint): void
  /** Starts a new epoch: resets, forgets, and begins at its own position 0/100. */
  reset(epoch: string): void
  setFresh(fresh: boolean): void
  /** Forgets all transactions so far, as a full memory does. */
  forget(): void
  /** The next position, for a client that is ahead. */
  ahead(by?: bigint): Position
}

export function createFakeFeed(epoch = 'e1'): FakeFeed {
  let position: Position = { epoch, lsn: 0x100n }
  let reachesBackTo = position.lsn
  let isFresh = true
  let xid = 700
  let remembered: Transaction[] = []
  const onTransaction = new Set<(transaction: Transaction) => void>()
  const onReset = new Set<(reason: string) => void>()
  let waiting: (() => void)[] = []
  const moved = (): void => {
    const woken = waiting
    waiting = []
    for (const wake of woken) wake()
  }

  const until = (holds: () => boolean, timeoutMs: number): Promise<boolean> =>
    new Promise(resolve => {
      const timer = setTimeout(() => resolve(holds()), timeoutMs)
      const check = (): void => {
        if (holds()) {
          clearTimeout(timer)
          resolve(true)
        } else waiting.push(check)
      }
      check()
    })

  return {
    get position() {
      return position
    },
    fresh: () => isFresh,
    since(from) {
      if (from.epoch !== position.epoch || from.lsn < reachesBackTo) return null
      return remembered.filter(transaction => transaction.position.lsn > from.lsn)
    },
    reached: (target, timeoutMs) => until(() => covers(position, target), timeoutMs),
    barrier: timeoutMs => until(() => isFresh, timeoutMs),
    onTransaction(listener) {
      onTransaction.add(listener)
      return () => void onTransaction.delete(listener)
    },
    onReset(listener) {
      onReset.add(listener)
      return () => void onReset.delete(listener)
    },
    commit(changes, by = 0x10n) {
      const next = { epoch: position.epoch, lsn: position.lsn + by }
      const transaction = { position: next, xid: xid++, committedAt: Date.now(), changes }
      remembered.push(transaction)
      for (const listener of onTransaction) listener(transaction)
      position = next
      moved()
      return transaction
    },
    advance(by = 0x10n) {
      position = { epoch: position.epoch, lsn: position.lsn + by }
      moved()
    },
    reset(newEpoch) {
      remembered = []
      for (const listener of onReset) listener(`new epoch ${newEpoch}`)
      position = { epoch: newEpoch, lsn: 0x100n }
      reachesBackTo = position.lsn
      moved()
    },
    setFresh(fresh) {
      isFresh = fresh
      moved()
    },
    forget() {
      remembered = []
      reachesBackTo = position.lsn
    },
    ahead: (by = 0x10n) => ({ epoch: position.epoch, lsn: position.lsn + by }),
  }
}
