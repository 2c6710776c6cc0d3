import type { Node, SelectStmt } from 'libpg-query'
import type { BoundaryKey } from '../boundary.ts'
import { canonical, familyOf, orderOf } from './canonical.ts'
import type { Findings } from './findings.ts'
import { as, strings } from './node.ts'
import { resolveRef, sourceOf } from './operands.ts'
import { nameOf } from './outputs.ts'
import type { ColumnPlace, Leaf, View } from './scope.ts'
import type { OrderColumn, ResultRows, Source } from './template.ts'

/**
 * The first keys of ORDER BY that are plain columns of this one table and can be compared exactly. Rows that sort
 * after the boundary by these sort after it by all keys.
 */
export function orderColumnsOf(
  select: SelectStmt,
  leaf: Leaf,
  view: View,
  findings: Findings,
): readonly OrderColumn[] {
  const columns: OrderColumn[] = []
  for (const sort of select.sortClause ?? []) {
    const by = as('SortBy', sort)
    const place = by && sortedColumn(by.node, select, view)
    const family = place && familyOf(place.column, findings.catalog)
    const order = family && orderOf(place.column, family)
    if (!by || !place || place.leaf !== leaf || !order || by.sortby_dir === 'SORTBY_USING') break
    const descending = by.sortby_dir === 'SORTBY_DESC'
    const nullsFirst =
      by.sortby_nulls === 'SORTBY_NULLS_DEFAULT' || by.sortby_nulls === undefined
        ? descending
        : by.sortby_nulls === 'SORTBY_NULLS_FIRST'
    const at = { table: leaf.relation?.oid ?? 0, number: place.column.number }
    columns.push({ column: place.column.name, as: order, descending, nullsFirst, at })
  }
  return columns
}

/** The column that a key of ORDER BY is: a number and a bare output name mean an output, before any column. */
function sortedColumn(node: Node | undefined, select: SelectStmt, view: View): ColumnPlace | undefined {
  const target = outputMeant(node, select)
  if (target === 'unclear') return undefined
  const resolved = resolveRef(target ?? node, view)
  return resolved?.kind === 'column' ? resolved.place : undefined
}

/** The expression of the output that a key of ORDER BY refers to; undefined if it refers to none. */
export function outputMeant(node: Node | undefined, select: SelectStmt): Node | 'unclear' | undefined {
  const targets = select.targetList ?? []
  const isStar = (target: Node): boolean =>
    as('ColumnRef', as('ResTarget', target)?.val)?.fields?.some(field => 'A_Star' in field) ?? false
  if (as('A_Const', node)) {
    const number = as('A_Const', node)?.ival?.ival
    if (number === undefined || targets.slice(0, number).some(isStar)) return 'unclear'
    return as('ResTarget', targets[number - 1])?.val ?? 'unclear'
  }
  const fields = as('ColumnRef', node)?.fields ?? []
  if (fields.length !== 1) return undefined
  const [name] = strings(fields)
  const named = targets.filter(target => !isStar(target) && nameOfTarget(target) === name)
  if (named.length > 1 || targets.some(target => nameOfTarget(target) === null)) return 'unclear'
  return as('ResTarget', named[0])?.val
}

function nameOfTarget(target: Node): string | null {
  const result = as('ResTarget', target)
  return result?.name ?? nameOf(result?.val)
}

/** LIMIT or OFFSET: a value, none, or something else. */
export function countSource(node: Node | undefined, findings: Findings): Source | 'none' | 'unclear' {
  if (!node) return 'none'
  if (as('A_Const', node)?.isnull) return 'none'
  return sourceOf(node, 'int', findings) ?? 'unclear'
}

/** The number that LIMIT or OFFSET comes to; null for none, undefined if it can't be told. */
export function boundCount(
  source: Source | 'none' | 'unclear',
  values: readonly unknown[],
): number | null | undefined {
  if (source === 'none') return null
  if (source === 'unclear' || source.kind === 'array') return undefined
  const value = source.kind === 'constant' ? source.value : values[source.number - 1]
  if (value === null || value === undefined) return null
  const text = canonical(value, 'int')
  return text === undefined || text.length > 15 ? undefined : Number(text)
}

/** Longest text that a boundary may carry. */
const longestValue = 256

/** The boundary by the last row of a full list; undefined if a key of it is not in the result. */
export function boundaryOf(
  order: readonly OrderColumn[],
  { rows, columnAt }: ResultRows,
): readonly BoundaryKey[] | undefined {
  const last = rows.at(-1)
  const boundary: BoundaryKey[] = []
  for (const { at, ...key } of order) {
    const index = columnAt(at)
    const value = index === undefined ? undefined : last?.[index]
    if (value === undefined || (value !== null && value.length > longestValue)) break
    boundary.push({ ...key, value })
  }
  return boundary.length > 0 ? boundary : undefined
}
