/** What `pg_current_snapshot()` says: which transactions a statement begun now sees. Transaction ids are 64-bit. */
export interface Snapshot {
  /** Everything below is finished. */
  readonly xmin: bigint
  /** Everything from here on had not finished. */
  readonly xmax: bigint
  /** Between the two: those still in progress. */
  readonly inProgress: ReadonlySet<bigint>
}

/** Parses the text form, `xmin:xmax:xip,xip`. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '', xmax = '', list = ''] = text.split(':')
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    inProgress: new Set(list ? list.split(',').map(BigInt) : []),
  }
}

/**
 * The 64-bit id behind a 32-bit one from the log: of all ids with these low bits, the one nearest to the
 * snapshot's xmax. Live ids lie within 2^31 of each other, so there is exactly one.
 */
export function fullXid(xid: number, snapshot: Snapshot): bigint {
  return snapshot.xmax + BigInt.asIntN(32, BigInt(xid) - snapshot.xmax)
}

/** True if a statement with this snapshot sees what the (committed, top-level) transaction did. */
export function sees(snapshot: Snapshot, xid: number): boolean {
  const full = fullXid(xid, snapshot)
  if (full < snapshot.xmin) return true
  return full < snapshot.xmax && !snapshot.inProgress.has(full)
}
