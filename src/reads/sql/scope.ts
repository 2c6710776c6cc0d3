import type { Column, Relation } from '../catalog.ts'

/** One item of a FROM clause. */
export interface Leaf {
  /** The name it is referred to by; undefined for an unnamed function or subquery. */
  readonly name: string | undefined
  /** The schema it may be qualified with: only for a table without an alias. */
  readonly schema: string | undefined
  /** The table behind it; undefined for a subquery, CTE or function. */
  readonly relation: Relation | undefined
  /** Output columns of what is not a table; null if they aren't known. */
  readonly outputs: ReadonlySet<string> | null
  /** The table's columns that the query reads; null: all of them. */
  read: Set<string> | null
}

/** What is visible from one place of a query: some leaves of its level, then the levels around. */
export interface View {
  readonly leaves: readonly Leaf[]
  readonly outer: View | undefined
}

/** A column of a table in some FROM clause. */
export interface ColumnPlace {
  readonly leaf: Leaf
  readonly column: Column
}

export type Resolved =
  /** One table's column. */
  | { readonly kind: 'column'; readonly place: ColumnPlace }
  /** These leaves' columns by that name are read, but which one it is stays open (USING, or a table further out). */
  | { readonly kind: 'some'; readonly places: readonly ColumnPlace[] }
  /** A whole row, a system column, or a table whose columns are renamed: all of the leaf's columns. */
  | { readonly kind: 'row'; readonly leaves: readonly Leaf[] }
  | { readonly kind: 'unknown' }

const systemColumns = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

/**
 * What `name` alone means: a column of the nearest level that has one, else a whole row.
 * A subquery whose columns aren't known may have any: then the levels around it count as read as well.
 */
export function resolveName(name: string, view: View): Resolved {
  let uncertain = false
  for (let level: View | undefined = view; level; level = level.outer) {
    const places = columnsNamed(name, level.leaves)
    const [only, second] = places
    if (only) return second || uncertain ? { kind: 'some', places } : { kind: 'column', place: only }
    if (level.leaves.some(leaf => leaf.outputs?.has(name))) return { kind: 'some', places }
    if (level.leaves.some(isOpen)) uncertain = true
  }
  for (let level: View | undefined = view; level; level = level.outer) {
    const rows = level.leaves.filter(leaf => systemColumns.has(name) || leaf.name === name)
    if (rows.length > 0) return { kind: 'row', leaves: rows }
  }
  return uncertain ? { kind: 'some', places: [] } : { kind: 'unknown' }
}

/** What `table.name` or `schema.table.name` means. */
export function resolveQualified(
  schema: string | undefined,
  table: string,
  name: string | undefined,
  view: View,
): Resolved {
  for (let level: View | undefined = view; level; level = level.outer) {
    const found = level.leaves.filter(
      leaf => leaf.name === table && (schema === undefined || leaf.schema === schema),
    )
    const [leaf, second] = found
    if (!leaf) continue
    if (second) return { kind: 'unknown' }
    if (name === undefined || systemColumns.has(name)) return { kind: 'row', leaves: [leaf] }
    if (leaf.relation && leaf.outputs === null) {
      const column = leaf.relation.columns.get(name)
      return column ? { kind: 'column', place: { leaf, column } } : { kind: 'unknown' }
    }
    if (leaf.relation) return { kind: 'row', leaves: [leaf] }
    // Not a column: it may be a function of the row, called by attribute notation.
    return leaf.outputs === null || leaf.outputs.has(name)
      ? { kind: 'some', places: [] }
      : { kind: 'unknown' }
  }
  return { kind: 'unknown' }
}

function columnsNamed(name: string, leaves: readonly Leaf[]): ColumnPlace[] {
  const places: ColumnPlace[] = []
  for (const leaf of leaves) {
    const column = leaf.outputs === null ? leaf.relation?.columns.get(name) : undefined
    if (column) places.push({ leaf, column })
  }
  return places
}

/** True for a leaf that may have columns nobody knows of. */
function isOpen(leaf: Leaf): boolean {
  return leaf.relation === undefined && leaf.outputs === null
}

/** The leaf's column is read. A column that the feed doesn't carry counts as all of them (DESIGN §3, rule 3). */
export function markRead({ leaf, column }: ColumnPlace): void {
  if (!column.published || column.generated === 'v') leaf.read = null
  else leaf.read?.add(column.name)
}
