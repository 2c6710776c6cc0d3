const microsecondsPerMillisecond = 1_000n
/** 2000-01-01, PostgreSQL's epoch, in Unix milliseconds. */
const postgresEpochMs = 946_684_800_000

/** Reads PostgreSQL's network byte order from a buffer; throws a RangeError past its end. */
export class ByteReader {
  readonly #buffer: Buffer
  #offset: number

  constructor(buffer: Buffer, offset = 0) {
    this.#buffer = buffer
    this.#offset = offset
  }

  get rest(): number {
    return this.#buffer.length - this.#offset
  }

  /** One byte as a character: message and tuple tags. */
  char(): string {
    return String.fromCharCode(this.uint8())
  }

  uint8(): number {
    return this.#buffer.readUInt8(this.#advance(1))
  }

  uint16(): number {
    return this.#buffer.readUInt16BE(this.#advance(2))
  }

  uint32(): number {
    return this.#buffer.readUInt32BE(this.#advance(4))
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#advance(4))
  }

  /** A WAL position. */
  lsn(): bigint {
    return this.#buffer.readBigUInt64BE(this.#advance(8))
  }

  /** A timestamptz as Unix milliseconds. */
  time(): number {
    const microseconds = this.#buffer.readBigInt64BE(this.#advance(8))
    return Number(microseconds / microsecondsPerMillisecond) + postgresEpochMs
  }

  /** A zero-terminated string. */
  cstring(): string {
    const end = this.#buffer.indexOf(0, this.#offset)
    if (end < 0) throw new RangeError('A string in the replication stream has no end.')
    const text = this.#buffer.toString('utf8', this.#offset, end)
    this.#offset = end + 1
    return text
  }

  text(length: number): string {
    const start = this.#advance(length)
    return this.#buffer.toString('utf8', start, start + length)
  }

  bytes(length: number): Buffer {
    const start = this.#advance(length)
    return this.#buffer.subarray(start, start + length)
  }

  #advance(length: number): number {
    const start = this.#offset
    if (length < 0 || start + length > this.#buffer.length)
      throw new RangeError(`The replication stream ends ${start + length - this.#buffer.length} bytes early.`)
    this.#offset = start + length
    return start
  }
}

/** Unix milliseconds → microseconds since PostgreSQL's epoch. */
export function postgresTime(unixMs: number): bigint {
  return BigInt(Math.round(unixMs - postgresEpochMs)) * microsecondsPerMillisecond
}
