import { compareTexts, type Ordered } from './order.ts'

/**
 * A condition on one column of a row, beside the equalities. `value` is PostgreSQL's text output; for `<>` it is
 * the `keyText` of it, as the row's value is. `is not`: NULL meets it, too (`IS DISTINCT FROM`, `IS NOT TRUE`).
 */
export type Residual =
  | {
      readonly column: string
      readonly op: '<' | '<=' | '>' | '>='
      readonly value: string
      readonly as: Ordered
    }
  | { readonly column: string; readonly op: '<>' | 'is not' | 'starts with'; readonly value: string }
  | { readonly column: string; readonly op: 'is null' | 'is not null' }

/**
 * False only if the row certainly fails the condition: a column that the row lacks, and a value that is too long
 * to be carried, count as meeting it. A comparison with NULL never holds.
 */
export function meetsResidual(residual: Residual, row: Readonly<Record<string, string | null>>): boolean {
  const value = row[residual.column]
  if (value === undefined) return true
  switch (residual.op) {
    case 'is null':
      return value === null
    case 'is not null':
      return value !== null
    case 'is not':
      return value !== residual.value
    case '<>':
      return value !== null && value !== residual.value
    case 'starts with':
      return value !== null && (value.startsWith('#') || value.startsWith(residual.value))
  }
  if (value === null) return false
  const order = compareTexts(value, residual.value, residual.as)
  if (order === undefined) return true
  switch (residual.op) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
  }
}
