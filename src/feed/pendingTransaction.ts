import type { Change } from './change.ts'
import type { RelationMessage } from './pgoutput.ts'

/** How much of one transaction is kept row by row; beyond it a table's rows become one `table` change. */
export interface RowLimits {
  /** Default 5,000. */
  readonly rowsPerTable: number
  /** Column values of all rows of a transaction, old and new. Default 250,000. */
  readonly valuesPerTransaction: number
}

export const defaultRowLimits: RowLimits = { rowsPerTable: 5_000, valuesPerTransaction: 250_000 }

/**
 * A transaction whose commit has not arrived yet. Changes are kept by subtransaction, because a streamed
 * transaction is told before anyone knows which of its savepoints will be rolled back. A table that outgrows the
 * limits is summed up at once and for good: a bulk change of a million rows never holds more than the limit.
 */
export class PendingTransaction {
  readonly xid: number
  /** Relation messages seen inside a streamed transaction; they count for the others only after its commit. */
  readonly relations = new Map<number, RelationMessage>()
  /** Relations described since they were last changed: their place among other tables may be new. */
  readonly described = new Set<number>()
  /** Table name → OID of every relation changed here. */
  readonly tables = new Map<string, number>()
  readonly #limits: RowLimits
  readonly #parts = new Map<number, Change[]>()
  readonly #rows = new Map<string, number>()
  readonly #summedUp = new Set<string>()
  readonly #summedUpOids = new Set<number>()
  #values = 0

  constructor(xid: number, limits: RowLimits) {
    this.xid = xid
    this.#limits = limits
  }

  /** True if any table is summed up. */
  get sumsUp(): boolean {
    return this.#summedUp.size > 0
  }

  /** True if the relation's rows no longer need to be decoded. */
  isSummedUp(oid: number): boolean {
    return this.#summedUpOids.has(oid)
  }

  /** Adds a change made by `subxid` to the relation; `oid` is undefined for changes that concern no single one. */
  add(subxid: number, change: Change, oid?: number): void {
    if (change.kind === 'everything') {
      const part = this.#part(subxid)
      if (!part.some(other => other.kind === 'everything')) part.push(change)
      return
    }
    if (oid !== undefined) this.tables.set(change.table, oid)
    if (this.#summedUp.has(change.table)) {
      // The same name may come back under another OID (dropped and created again).
      if (oid !== undefined) this.#summedUpOids.add(oid)
      return
    }
    this.#count(change, 1)
    this.#part(subxid).push(change)
    if (
      (this.#rows.get(change.table) ?? 0) > this.#limits.rowsPerTable ||
      this.#values > this.#limits.valuesPerTransaction
    )
      this.#sumUp(change.table, oid)
  }

  /** Forgets what a rolled-back subtransaction did. */
  abort(subxid: number): void {
    for (const change of this.#parts.get(subxid) ?? []) this.#count(change, -1)
    this.#parts.delete(subxid)
  }

  changes(): Change[] {
    const changes: Change[] = [...this.#summedUp].map(table => ({ kind: 'table', table }))
    for (const part of this.#parts.values()) for (const change of part) changes.push(change)
    return changes
  }

  #part(subxid: number): Change[] {
    let part = this.#parts.get(subxid)
    if (!part) {
      part = []
      this.#parts.set(subxid, part)
    }
    return part
  }

  #sumUp(table: string, oid: number | undefined): void {
    this.#summedUp.add(table)
    if (oid !== undefined) this.#summedUpOids.add(oid)
    for (const [subxid, part] of this.#parts) {
      const kept: Change[] = []
      for (const change of part) {
        if (change.kind !== 'everything' && change.table === table) this.#count(change, -1)
        else kept.push(change)
      }
      if (kept.length > 0) this.#parts.set(subxid, kept)
      else this.#parts.delete(subxid)
    }
  }

  #count(change: Change, sign: 1 | -1): void {
    if (change.kind === 'everything') return
    this.#rows.set(change.table, (this.#rows.get(change.table) ?? 0) + sign)
    this.#values += sign * valuesOf(change)
  }
}

function valuesOf(change: Change): number {
  switch (change.kind) {
    case 'insert':
      return columnsOf(change.new)
    case 'delete':
      return columnsOf(change.old)
    case 'update':
      return columnsOf(change.new) * 2
    default:
      return 1
  }
}

function columnsOf(row: object): number {
  let count = 0
  for (const _ in row) count++
  return count
}
