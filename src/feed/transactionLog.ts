import type { Position } from '../data/index.ts'

/** Bounds of a {@link TransactionLog}. */
export interface LogLimits {
  /** Default 10,000. */
  readonly maxTransactions: number
  /** Summed sizes of the entries, in bytes of their wire form. Default 16 MB. */
  readonly maxBytes: number
}

const defaultLogLimits: LogLimits = { maxTransactions: 10_000, maxBytes: 16 * 1024 ** 2 }

interface Entry<Value> {
  readonly lsn: bigint
  readonly value: Value
  readonly bytes: number
}

/**
 * The recent transactions of one epoch, oldest first. It knows how far back it is complete (`reach`): every
 * transaction after that position and up to the newest entry is in it.
 */
export class TransactionLog<Value> {
  readonly #limits: LogLimits
  #entries: Entry<Value>[] = []
  /** Entries before this index have been dropped; the array is compacted now and then. */
  #first = 0
  #bytes = 0
  #reach: Position | null = null

  constructor(limits: Partial<LogLimits> = {}) {
    this.#limits = { ...defaultLogLimits, ...limits }
  }

  /** The position after which nothing is missing; null before the first {@link begin}. */
  get reach(): Position | null {
    return this.#reach
  }

  get size(): number {
    return this.#entries.length - this.#first
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Forgets everything and starts anew at a position; null: knows nothing. */
  begin(position: Position | null): void {
    this.#entries = []
    this.#first = 0
    this.#bytes = 0
    this.#reach = position
  }

  append(lsn: bigint, value: Value, bytes: number): void {
    if (!this.#reach) return
    this.#entries.push({ lsn, value, bytes })
    this.#bytes += bytes
    while (this.size > this.#limits.maxTransactions || (this.#bytes > this.#limits.maxBytes && this.size > 0))
      this.#dropOldest(this.#reach.epoch)
  }

  /** What came after the position, oldest first; null if the log does not reach back that far, or knows another epoch. */
  since(position: Position): Value[] | null {
    if (!this.#reach || position.epoch !== this.#reach.epoch || position.lsn < this.#reach.lsn) return null
    let low = this.#first
    let high = this.#entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#entries[middle] as Entry<Value>).lsn > position.lsn) high = middle
      else low = middle + 1
    }
    const found: Value[] = []
    for (let index = low; index < this.#entries.length; index++)
      found.push((this.#entries[index] as Entry<Value>).value)
    return found
  }

  #dropOldest(epoch: string): void {
    const oldest = this.#entries[this.#first]
    if (!oldest) return
    this.#reach = { epoch, lsn: oldest.lsn }
    this.#bytes -= oldest.bytes
    this.#first++
    if (this.#first > 1_024 && this.#first * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }
}
