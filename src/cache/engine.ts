/**
 * One way of keeping the object cache's values. The rich calls (namespaces, tags, single flight, locks) are built on
 * top of it once, in `objectCache.ts`; an engine only moves bytes. Keys are texts of at most 200 bytes without white
 * space or control characters.
 *
 * Guarantees of every engine:
 * - What a call has done is visible to every call begun after it resolved, in all processes that the engine reaches.
 * - Nothing comes back: a value that was deleted, replaced or has expired is never returned again, not even after a
 *   restart or failover of the store. A store that may come back with older contents starts in a new name space then.
 * - A value may be gone at any time (memory is bounded); it is then absent as a whole, never cut.
 * - A call that fails rejects; it never answers "absent" or "done" for what it doesn't know.
 */
export interface ObjectCacheEngine {
  /** As in the settings: `memory`. */
  readonly name: string
  /** Whether other processes see what this one sets. */
  readonly reach: 'process' | 'shared'
  /** The values under the keys, in their order; all are read after the call began. Bytes are not altered by either side. */
  get(keys: readonly string[]): Promise<(Buffer | undefined)[]>
  /**
   * Sets a value, at once and as a whole, for at most `ttlMs` (undefined: as long as memory allows). With
   * `onlyIfAbsent`, of several callers at most one succeeds. Resolves to whether it was set.
   */
  set(key: string, value: Buffer, options?: { ttlMs?: number; onlyIfAbsent?: boolean }): Promise<boolean>
  /**
   * Adds to a whole number written in decimal, at once: no increment of any caller is lost. An absent one counts as
   * 0 and begins with `ttlMs`; later increments leave its end as it is. Throws CACHE_NOT_A_COUNTER for anything else.
   */
  increment(key: string, by: number, options?: { ttlMs?: number }): Promise<number>
  /** Removes the keys. */
  delete(keys: readonly string[]): Promise<void>
  /** Removes the key if it still has this value, at once: the release of a lock. Resolves to whether it did. */
  deleteIf(key: string, value: Buffer): Promise<boolean>
  /** Lets go of connections and memory. */
  close(): Promise<void>
}
