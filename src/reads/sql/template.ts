import type { Ordered } from '../order.ts'
import type { Residual } from '../residual.ts'
import type { Family } from './canonical.ts'

/** Where a value comes from: written in the text, a parameter, or the elements of an array parameter. */
export type Source =
  | { readonly kind: 'constant'; readonly value: string | boolean | null }
  | { readonly kind: 'param'; readonly number: number }
  | { readonly kind: 'array'; readonly number: number }

/** `column` is one of the values of a choice; every choice holds, so that binding may take any one of them. */
export interface Condition {
  readonly column: string
  readonly family: Family
  readonly choices: readonly (readonly Source[])[]
}

/** A residual condition whose value is known when the query is bound; none for IS NULL and IS NOT NULL. */
export interface ResidualCondition {
  readonly column: string
  readonly op: Residual['op']
  readonly family: Family | undefined
  readonly as: Ordered | undefined
  readonly source: Source | undefined
}

/** A dependency before its parameters are known. */
export interface Template {
  readonly table: string
  readonly conditions: readonly Condition[]
  readonly residuals: readonly ResidualCondition[]
  /** null: all columns. */
  readonly columns: readonly string[] | null
}

/**
 * What a text means under one session.
 *
 * - read: its result depends on `templates` and nothing else
 * - opaque: it reads, but it can't be cached, for `reasons`
 * - write: not proven read-only
 * - session: it changes or shows the session's state
 * - transaction: BEGIN, COMMIT and the like: neither reads nor writes
 */
export interface Analysis {
  readonly kind: 'read' | 'opaque' | 'write' | 'session' | 'transaction'
  readonly templates: readonly Template[]
  /** False only if it is proven that running it changes nothing. */
  readonly mayWrite: boolean
  /** Why it is not cacheable, in words; empty for `read` and `transaction`. */
  readonly reasons: readonly string[]
  /** Why it is not narrower, in words. */
  readonly notes: readonly string[]
  /** Parameters that PostgreSQL may read as a date or time, where the word `today` means the clock. */
  readonly clockParameters: readonly number[]
}
