import type { BoundaryKey } from '../boundary.ts'
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
  /** Absent: the result tells nothing more. */
  readonly result?: ResultStep
}

/** A plain result column, as the row description names it: the table's OID and the attribute's number. */
export interface ResultColumn {
  readonly table: number
  readonly number: number
}

/** A column of a table, and the result column that holds its values. */
export interface ResultKey {
  readonly column: string
  readonly at: ResultColumn
  /** NULL there means that there is no row of the table, not that its row has none. */
  readonly present: boolean
}

/** One key of ORDER BY, with the result column that holds it. */
export interface OrderColumn extends Omit<BoundaryKey, 'value'> {
  readonly at: ResultColumn
}

/** How the rows of the result narrow a template, once they are known; see `resultPlan.ts`. */
export interface ResultStep {
  /** The columns that decide whether, how often and where a row of the table is in the result; null: all. */
  readonly deciding: readonly string[] | null
  /** All columns that are read; null: all there are. */
  readonly shown: readonly string[] | null
  /** By which its rows in the result can be known, the best first. */
  readonly keys: readonly ResultKey[]
  /** Columns of which an equality leaves one row. */
  readonly unique: readonly string[]
  /** A foreign key excludes that rows come into the result by themselves. */
  readonly closed: boolean
  /** FROM names other tables, too. */
  readonly joined: boolean
  /** The first keys of ORDER BY, as far as they are columns of this table; empty without LIMIT. */
  readonly order: readonly OrderColumn[]
  readonly limit: Source | 'none' | 'unclear'
  readonly offset: Source | 'none' | 'unclear'
}

/** The rows of a result in the text that the server sent. */
export interface ResultRows {
  readonly rows: readonly (readonly (string | null)[])[]
  /** The place of a result column; undefined if the result doesn't have it. */
  columnAt(column: ResultColumn): number | undefined
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
  /**
   * Of an `opaque` text that is a read but for the clock and chance: what it means to a response that may be some time
   * old. Its dependencies tell of every change, as of the moment at which it was run.
   */
  readonly aged?: Analysis
}
