import type { Position } from '../data/index.ts'

/** A row: column → `keyText` of PostgreSQL's text output, or null. */
export type Row = Readonly<Record<string, string | null>>

/**
 * What happened to one row of a committed transaction; `table` is schema-qualified (`public.articles`).
 * `table`: anything may have happened to the whole table (TRUNCATE, no full old row, too many rows to list).
 * `everything`: anything may have happened anywhere (DDL).
 */
export type Change =
  | { readonly kind: 'insert'; readonly table: string; readonly new: Row }
  | {
      readonly kind: 'update'
      readonly table: string
      readonly old: Row
      readonly new: Row
      /** The columns whose values differ. */
      readonly changed: readonly string[]
    }
  | { readonly kind: 'delete'; readonly table: string; readonly old: Row }
  | { readonly kind: 'table'; readonly table: string }
  | { readonly kind: 'everything'; readonly reason: string }

/** A committed *and visible* transaction, in commit order. */
export interface Transaction {
  /** The end of its commit record. */
  readonly position: Position
  readonly xid: number
  /** The commit's wall-clock time by the database, milliseconds since the Unix epoch. */
  readonly committedAt: number
  readonly changes: readonly Change[]
}
