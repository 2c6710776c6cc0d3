import { keyText } from '../data/index.ts'
import type { Change, Row } from './change.ts'
import { type RelationMessage, type RowMessage, type Tuple, unchanged } from './pgoutput.ts'

/** `public.articles`: how changes and dependencies name a relation. */
export function tableName(relation: Pick<RelationMessage, 'schema' | 'name'>): string {
  return `${relation.schema}.${relation.name}`
}

/**
 * The change that a row message stands for, judged by its relation message alone (rule 3): without a full old row
 * nobody can tell which keys the row had, so the whole table counts as changed.
 */
export function rowChange(relation: RelationMessage, message: RowMessage): Change {
  const table = tableName(relation)
  const { columns, identity } = relation
  if (message.tag === 'insert') {
    const row = readRow(columns, message.new)
    return row ? { kind: 'insert', table, new: row } : { kind: 'table', table }
  }
  if (identity !== 'f' || message.oldIsKey || message.old === undefined) return { kind: 'table', table }
  const old = readRow(columns, message.old)
  if (!old) return { kind: 'table', table }
  if (message.tag === 'delete') return { kind: 'delete', table, old }
  const row = readRow(columns, message.new, old)
  if (!row) return { kind: 'table', table }
  return {
    kind: 'update',
    table,
    old,
    new: row,
    changed: columns.filter(column => old[column] !== row[column]),
  }
}

/** Undefined if the tuple does not fit the relation, or has an unchanged value that no old row supplies. */
function readRow(columns: readonly string[], tuple: Tuple, old?: Row): Row | undefined {
  if (tuple.length !== columns.length) return undefined
  // No prototype: a column may be called `constructor`.
  const row: Record<string, string | null> = Object.create(null)
  for (const [index, column] of columns.entries()) {
    const value = tuple[index]
    if (value === undefined) return undefined
    if (value === unchanged) {
      const before = old?.[column]
      if (before === undefined) return undefined
      row[column] = before
    } else row[column] = value === null ? null : keyText(value)
  }
  return row
}
