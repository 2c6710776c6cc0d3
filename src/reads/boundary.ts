import { compareTexts, type Ordered } from './order.ts'

/** One key of an ORDER BY, with its value in the last row of a list. */
export interface BoundaryKey {
  readonly column: string
  readonly as: Ordered
  readonly descending: boolean
  readonly nullsFirst: boolean
  /** PostgreSQL's text output; null is NULL. */
  readonly value: string | null
}

/**
 * False only if the row certainly sorts after the boundary, so that it is on no page up to there. Ties count as
 * before it, and so does whatever can't be compared.
 */
export function sortsUpTo(
  boundary: readonly BoundaryKey[],
  row: Readonly<Record<string, string | null>>,
): boolean {
  for (const key of boundary) {
    const value = row[key.column]
    if (value === undefined) return true
    const order = compareKey(value, key)
    if (order === undefined || order < 0) return true
    if (order > 0) return false
  }
  return true
}

function compareKey(value: string | null, key: BoundaryKey): number | undefined {
  if (value === null || key.value === null) {
    if (value === key.value) return 0
    return (value === null) === key.nullsFirst ? -1 : 1
  }
  const order = compareTexts(value, key.value, key.as)
  return order !== undefined && key.descending ? -order : order
}
