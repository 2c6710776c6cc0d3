/**
 * The one currency of freshness: how far into which commit log. `lsn` is the *end* of a commit record
 * (PostgreSQL's 64-bit WAL position). Positions of different epochs never compare.
 */
export interface Position {
  /** A short random word, new with every replication slot. */
  readonly epoch: string
  readonly lsn: bigint
}

/** Parses PostgreSQL's `16/B374D848` into a 64-bit number. */
export function parseLsn(text: string): bigint {
  const slash = text.indexOf('/')
  return (BigInt(`0x${text.slice(0, slash)}`) << 32n) | BigInt(`0x${text.slice(slash + 1)}`)
}

/** Writes a 64-bit WAL position as PostgreSQL does: `16/B374D848`. */
export function formatLsn(lsn: bigint): string {
  return `${(lsn >> 32n).toString(16).toUpperCase()}/${(lsn & 0xffffffffn).toString(16).toUpperCase()}`
}

/** `epoch:16/B374D848`, the form used on the wire, in cookies and headers. */
export function formatPosition(position: Position): string {
  return `${position.epoch}:${formatLsn(position.lsn)}`
}

/** Reads what {@link formatPosition} writes; undefined for anything else. */
export function parsePosition(text: string): Position | undefined {
  const match = /^([a-z0-9]{1,32}):([0-9A-F]{1,8}\/[0-9A-F]{1,8})$/i.exec(text)
  return match?.[1] && match[2] ? { epoch: match[1], lsn: parseLsn(match[2]) } : undefined
}

/** True if `position` is known to include everything up to `target`; false when it is behind *or* the epochs differ. */
export function covers(position: Position, target: Position): boolean {
  return position.epoch === target.epoch && position.lsn >= target.lsn
}
