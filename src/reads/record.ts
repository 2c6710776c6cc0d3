import type { Dependency } from './dependency.ts'

/**
 * A part of the request that a response looked at; together they are its variant.
 * `query:NAME`, `header:NAME` (lower case) and `cookie:NAME` compare every raw occurrence in order, absence included;
 * `query:*`, `header:*` and `cookie:*` compare the whole of it; `address` and `protocol` what the edge saw.
 * Method, host and path always count and are not listed.
 */
export type RequestPart = `query:${string}` | `header:${string}` | `cookie:${string}` | 'address' | 'protocol'

/** What a response read, as the worker reports it to the edge in the internal header `quintet-record`. */
export interface ReadRecord {
  /** The app's build; an entry of another build is never served. */
  readonly build: string
  /** `formatPosition` of this process's feed when the request began; null without a feed. */
  readonly position: string | null
  readonly parts: readonly RequestPart[]
  readonly dependencies: readonly Dependency[]
  /** Why this response may not be stored; empty if it may. */
  readonly vetoes: readonly string[]
  /** `formatLsn` that the primary had flushed after this request's writes; null if it ran nothing but reads. */
  readonly wrote: string | null
  /** Wall-clock milliseconds after which the entry is no longer valid (its session ends); null if never. */
  readonly endsAt: number | null
  /** Only for `quintet explain`: the queries behind the dependencies. */
  readonly queries?: readonly QueryNote[]
}

export interface QueryNote {
  readonly text: string
  readonly dependencies: readonly Dependency[]
  /** Why the query is not narrower, or not cacheable, in words; empty if there is nothing to say. */
  readonly notes: readonly string[]
}
