import type { Column, Relation } from '../catalog.ts'

/** One item of a FROM clause. */
export interface Leaf {
  /** The name it is referred to by; undefined for an unnamed function or subquery. */
  readonly name: string | undefined
  /** The schema it may be qualified with: only for a table without an alias. */
  readonly schema: string | undefined
  /** The table behind it; undefined for a subquery, view, CTE or function. */
  readonly relation: Relation | undefined
  /**
   * The names it gives to its columns, where they aren't the table's own, each with what it carries; null for a
   * table under its own names, and for anything whose columns aren't known.
   */
  readonly outputs: Outputs | null
  /** The table's columns that the query reads; null: all of them. */
  read: Set<string> | null
  /** The subquery, view or CTE of the level around in whose FROM it stands. */
  host: Leaf | undefined
}

/** Output columns in order; undefined for one that is computed. */
export type Outputs = ReadonlyMap<string, Carried | undefined>

/** An output that is some table's column as it is. */
export interface Carried extends ColumnPlace {
  /** What is said of the output may be said of the table's rows: see `carry.ts`. */
  readonly firm: boolean
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
  | { readonly kind: 'column'; readonly place: Carried }
  /** These leaves' columns by that name are read, but which one it is stays open (USING, or a table further out). */
  | { readonly kind: 'some'; readonly places: readonly ColumnPlace[] }
  /** A whole row or a system column: all of the leaf's columns. */
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
    const found = level.leaves.flatMap(leaf => columnNamed(name, leaf) ?? [])
    const places = found.filter(column => column !== 'computed')
    const [only] = places
    if (only && found.length === 1 && !uncertain) return { kind: 'column', place: only }
    if (found.length > 0) return { kind: 'some', places }
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
    if (name === undefined) return { kind: 'row', leaves: [leaf] }
    const column = columnNamed(name, leaf)
    if (column === 'computed') return { kind: 'some', places: [] }
    if (column) return { kind: 'column', place: column }
    if (leaf.relation && systemColumns.has(name)) return { kind: 'row', leaves: [leaf] }
    // Not a column: it may be a function of the row, called by attribute notation.
    return isOpen(leaf) ? { kind: 'some', places: [] } : { kind: 'unknown' }
  }
  return { kind: 'unknown' }
}

/** The leaf's column of that name; undefined if it has none, or none that is known. */
export function columnNamed(name: string, leaf: Leaf): Carried | 'computed' | undefined {
  if (leaf.outputs) return leaf.outputs.has(name) ? (leaf.outputs.get(name) ?? 'computed') : undefined
  const column = leaf.relation?.columns.get(name)
  return column && { leaf, column, firm: true }
}

/** The names of the leaf's columns in order; null if they aren't known. */
export function columnNames(leaf: Leaf): string[] | null {
  if (leaf.outputs) return [...leaf.outputs.keys()]
  return leaf.relation ? [...leaf.relation.columns.keys()] : null
}

/** True for a leaf that may have columns nobody knows of. */
export function isOpen(leaf: Leaf): boolean {
  return leaf.relation === undefined && leaf.outputs === null
}

/** True if the leaf is one of these, or stands within one of them. */
export function standsIn(leaf: Leaf, leaves: readonly Leaf[]): boolean {
  for (let around: Leaf | undefined = leaf; around; around = around.host) {
    if (leaves.includes(around)) return true
  }
  return false
}

/** The leaf's column is read. A column that the feed doesn't carry counts as all of them (DESIGN §3, rule 3). */
export function markRead({ leaf, column }: ColumnPlace): void {
  if (!column.published || column.generated === 'v') leaf.read = null
  else leaf.read?.add(column.name)
}

/** All columns of the leaf are read: of a subquery, whatever its outputs carry. */
export function markAll(leaf: Leaf): void {
  leaf.read = null
  for (const carried of leaf.outputs?.values() ?? []) if (carried && carried.leaf !== leaf) markRead(carried)
}
