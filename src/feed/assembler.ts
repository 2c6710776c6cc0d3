import type { Change } from './change.ts'
import { defaultRowLimits, PendingTransaction, type RowLimits } from './pendingTransaction.ts'
import { decodePgoutput, type PgoutputMessage, peekRow, type RelationMessage } from './pgoutput.ts'
import { rowChange, tableName } from './rows.ts'

/** A transaction as the log tells it: committed, but not necessarily visible to new snapshots yet. */
export interface CommittedTransaction {
  readonly xid: number
  readonly endLsn: bigint
  readonly committedAt: number
  readonly changes: readonly Change[]
  /** Relations that were described anew in it: what is known about their ancestors may be out of date. */
  readonly described: ReadonlySet<number>
  /** Table name → OID of every relation among the changes. */
  readonly tables: ReadonlyMap<string, number>
}

/** The prefix of the logical messages that announce DDL (rule 2); `migrate` installs the trigger that emits them. */
export const ddlPrefix = 'quintet.ddl'

/**
 * Puts pgoutput's messages together into committed transactions, in commit order.
 *
 * Two ways lead to a commit: Begin … Commit, told as a whole once it has committed; and, for transactions larger
 * than `logical_decoding_work_mem`, blocks of Stream Start … Stream Stop told while they run, possibly several
 * at a time, each ended by Stream Commit or Stream Abort (of all of it, or of one subtransaction).
 */
export class Assembler {
  readonly #limits: RowLimits
  readonly #relations = new Map<number, RelationMessage>()
  readonly #streamed = new Map<number, PendingTransaction>()
  /** The transaction that the next change belongs to. */
  #current: PendingTransaction | undefined
  #inStream = false

  constructor(limits: Partial<RowLimits> = {}) {
    this.#limits = { ...defaultRowLimits, ...limits }
  }

  /** Transactions that are being streamed and have not ended. */
  get streaming(): number {
    return this.#streamed.size
  }

  /** True for a row, beginning at `offset`, of a table that is summed up already: it need not be unpacked. */
  ignores(bytes: Buffer, offset: number): boolean {
    if (!this.#current?.sumsUp) return false
    const row = peekRow(bytes, this.#inStream, offset)
    return row !== undefined && this.#current.isSummedUp(row.relation)
  }

  /** Takes one message; returns the transaction that it committed, if it did. Throws a RangeError on nonsense. */
  push(data: Buffer): CommittedTransaction | undefined {
    if (this.ignores(data, 0)) return undefined
    const message = decodePgoutput(data, this.#inStream)
    switch (message.tag) {
      case 'begin':
        this.#current = new PendingTransaction(message.xid, this.#limits)
        return undefined
      case 'commit': {
        const transaction = this.#pending()
        this.#current = undefined
        return committed(transaction, message)
      }
      case 'streamStart':
        this.#startStream(message.xid)
        return undefined
      case 'streamStop':
        this.#inStream = false
        this.#current = undefined
        return undefined
      case 'streamAbort':
        if (message.xid === message.subxid) this.#streamed.delete(message.xid)
        else this.#streamed.get(message.xid)?.abort(message.subxid)
        return undefined
      case 'streamCommit':
        return this.#commitStream(message)
      default:
        this.#change(message)
        return undefined
    }
  }

  #startStream(xid: number): void {
    const transaction = this.#streamed.get(xid) ?? new PendingTransaction(xid, this.#limits)
    this.#streamed.set(xid, transaction)
    this.#current = transaction
    this.#inStream = true
  }

  #commitStream(message: PgoutputMessage & { tag: 'streamCommit' }): CommittedTransaction {
    const transaction = this.#streamed.get(message.xid) ?? new PendingTransaction(message.xid, this.#limits)
    this.#streamed.delete(message.xid)
    for (const [oid, relation] of transaction.relations) this.#relations.set(oid, relation)
    return committed(transaction, message)
  }

  #change(message: PgoutputMessage): void {
    switch (message.tag) {
      case 'relation':
        this.#current?.described.add(message.oid)
        if (this.#inStream) this.#pending().relations.set(message.oid, message)
        else this.#relations.set(message.oid, message)
        break
      case 'insert':
      case 'update':
      case 'delete': {
        const transaction = this.#pending()
        const relation = this.#relation(message.relation)
        const change = relation ? rowChange(relation, message) : unknownRelation(message.relation)
        transaction.add(message.xid ?? transaction.xid, change, message.relation)
        break
      }
      case 'truncate': {
        const transaction = this.#pending()
        for (const oid of message.relations) {
          const relation = this.#relation(oid)
          const change: Change = relation
            ? { kind: 'table', table: tableName(relation) }
            : unknownRelation(oid)
          transaction.add(message.xid ?? transaction.xid, change, oid)
        }
        break
      }
      case 'message': {
        if (!message.transactional || message.prefix !== ddlPrefix) break
        const transaction = this.#pending()
        const reason = message.content || 'DDL'
        transaction.add(message.xid ?? transaction.xid, { kind: 'everything', reason })
        break
      }
    }
  }

  #relation(oid: number): RelationMessage | undefined {
    return this.#current?.relations.get(oid) ?? this.#relations.get(oid)
  }

  #pending(): PendingTransaction {
    if (!this.#current) throw new RangeError('pgoutput sent a change outside of a transaction.')
    return this.#current
  }
}

function committed(
  transaction: PendingTransaction,
  end: { endLsn: bigint; committedAt: number },
): CommittedTransaction {
  return {
    xid: transaction.xid,
    endLsn: end.endLsn,
    committedAt: end.committedAt,
    changes: transaction.changes(),
    described: transaction.described,
    tables: transaction.tables,
  }
}

function unknownRelation(oid: number): Change {
  return { kind: 'everything', reason: `a change to the undescribed relation ${oid}` }
}
