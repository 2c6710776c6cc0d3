import { keyText } from '../../data/index.ts'
import type { Dependency } from '../dependency.ts'
import type { ResultRows, ResultStep } from './template.ts'
import { boundaryOf, boundCount } from './topK.ts'

/** Values of a key that one dependency may list. */
const mostKeys = 256

/**
 * What a query depends on, now that its result is known: the one dependency of a template, narrowed by the boundary
 * of a full list, or divided into rows that were in the result and rows that may come into it. `notes`, if given, is
 * told why not.
 */
export function narrowByResult(
  whole: Dependency,
  step: ResultStep,
  result: ResultRows,
  values: readonly unknown[],
  notes?: string[],
): Dependency[] {
  if (step.unique.some(column => column in whole.equals)) return [whole]
  const limit = boundCount(step.limit, values)
  const skipped = boundCount(step.offset, values)
  const skips = skipped === undefined || (skipped !== null && skipped > 0)
  const { rows } = result

  if (step.order.length > 0 && typeof limit === 'number' && limit > 0) {
    if (rows.length >= limit) {
      const upTo = boundaryOf(step.order, result)
      if (upTo) return atBoundary({ ...whole, upTo }, step, result, skips)
      notes?.push(`${whole.table} is sorted by a column that is not in the result, or too long to be kept`)
    } else {
      notes?.push(
        `the list of ${whole.table} is shorter than its limit: every row that meets its conditions counts`,
      )
    }
  }
  if (!step.joined || (skips && !step.closed)) return [whole]
  if (!step.closed && (sameColumns(step) || isSelective(whole))) return [whole]
  const shown = rowsShown(whole, step, result)
  if (!shown) {
    notes?.push(`no column in the result says which rows of ${whole.table} it shows, or it shows too many`)
    return [whole]
  }
  return step.closed ? shown : [...shown, { ...whole, version: 'new', columns: step.deciding }]
}

/** Before the page lie the rows that OFFSET skips: only what decides about their number matters of them. */
function atBoundary(whole: Dependency, step: ResultStep, result: ResultRows, skips: boolean): Dependency[] {
  if (!skips || sameColumns(step)) return [whole]
  const shown = rowsShown(whole, step, result)
  return shown ? [{ ...whole, columns: step.deciding }, ...shown] : [whole]
}

/** The rows that are in the result, by the best key that is. */
function rowsShown(
  whole: Dependency,
  step: ResultStep,
  { rows, columnAt }: ResultRows,
): Dependency[] | undefined {
  for (const { column, at, present } of step.keys) {
    const index = columnAt(at)
    if (index === undefined) continue
    if (!present && rows.some(row => row[index] === null)) continue
    const keys = new Set<string>()
    for (const row of rows) {
      const value = row[index]
      if (value !== null && value !== undefined) keys.add(keyText(value))
      if (keys.size > mostKeys) return undefined
    }
    // Sorted, so that equal dependencies are recognised as equal.
    if (keys.size === 0) return []
    return [
      { table: whole.table, equals: { [column]: [...keys].sort() }, version: 'old', columns: step.shown },
    ]
  }
  return undefined
}

/** True if all that is read decides: dividing the rows would gain nothing. */
function sameColumns({ deciding, shown }: ResultStep): boolean {
  return deciding === null || (shown?.every(column => deciding.includes(column)) ?? false)
}

/** True if an equality already leads to few rows, so that a second dependency would gain little. */
function isSelective({ equals }: Dependency): boolean {
  return Object.values(equals).some(list => list.some(value => value !== 't' && value !== 'f'))
}
