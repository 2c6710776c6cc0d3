import { formatLsn, formatPosition, type Position, parseLsn, parsePosition } from '../data/index.ts'
import type { Change, Transaction } from './change.ts'

/**
 * What goes over the feed's socket: one JSON object per line. A connection opens with `join` from the client and
 * `hello` from the server; then `transaction`, `position` and `reset` as they happen, and a `pong` per `ping`.
 */
export type ServerFrame =
  /** `resumed`: what follows continues the client's own position without a gap; otherwise it begins at `position`. */
  | {
      readonly type: 'hello'
      readonly resumed: boolean
      readonly position: string | null
      /** How far back the server's log goes. */
      readonly reach: string | null
    }
  | {
      readonly type: 'transaction'
      readonly lsn: string
      readonly xid: number
      readonly at: number
      readonly changes: readonly Change[]
    }
  | { readonly type: 'position'; readonly lsn: string }
  | { readonly type: 'reset'; readonly position: string | null; readonly reason: string }
  /** `ok`: everything flushed after the ping arrived has been sent before this frame. */
  | { readonly type: 'pong'; readonly id: number; readonly ok: boolean }

export type ClientFrame =
  | { readonly type: 'join'; readonly since: string | null }
  | { readonly type: 'ping'; readonly id: number }

export function writeFrame(frame: ServerFrame | ClientFrame): string {
  return `${JSON.stringify(frame)}\n`
}

export function transactionFrame(transaction: Transaction): string {
  return writeFrame({
    type: 'transaction',
    lsn: formatLsn(transaction.position.lsn),
    xid: transaction.xid,
    at: transaction.committedAt,
    changes: transaction.changes,
  })
}

export function readTransaction(frame: ServerFrame & { type: 'transaction' }, epoch: string): Transaction {
  return {
    position: { epoch, lsn: parseLsn(frame.lsn) },
    xid: frame.xid,
    committedAt: frame.at,
    changes: frame.changes,
  }
}

/** A position as it stands in a frame. */
export const framePosition = {
  write: (position: Position | null): string | null => (position ? formatPosition(position) : null),
  read: (text: string | null): Position | null => (text === null ? null : (parsePosition(text) ?? null)),
}

/** Cuts a stream of text chunks into lines; a longer unfinished line than `maxBytes` throws a RangeError. */
export class LineSplitter {
  readonly #maxBytes: number
  #chunks: string[] = []
  #length = 0

  constructor(maxBytes = 256 * 1024 ** 2) {
    this.#maxBytes = maxBytes
  }

  /** The lines that this chunk completes, each with its length; empty lines are left out. */
  push(chunk: string): string[] {
    const end = chunk.lastIndexOf('\n')
    if (end < 0) {
      this.#hold(chunk)
      return []
    }
    const complete = this.#chunks.join('') + chunk.slice(0, end)
    this.#chunks = []
    this.#length = 0
    if (end + 1 < chunk.length) this.#hold(chunk.slice(end + 1))
    return complete.split('\n').filter(line => line !== '')
  }

  #hold(chunk: string): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length > this.#maxBytes) throw new RangeError('A line on the feed socket is too long.')
  }
}
