import { formatPosition } from '../data/index.ts'
import type { Change, Transaction } from '../feed/index.ts'

/** What last removed a page. */
export interface LastPurge {
  /** `formatPosition` of the commit. */
  readonly position: string
  readonly xid: number
  /** The table that changed; null if everything may have. */
  readonly table: string | null
  readonly kind: Change['kind']
  /** The commit's wall-clock time by the database, milliseconds. */
  readonly committedAt: number
  /** This process's wall-clock time, milliseconds. */
  readonly at: number
}

export function lastPurge(transaction: Transaction, change: Change, at: number): LastPurge {
  return {
    position: formatPosition(transaction.position),
    xid: transaction.xid,
    table: change.kind === 'everything' ? null : change.table,
    kind: change.kind,
    committedAt: transaction.committedAt,
    at,
  }
}
