import type { Change, Row } from '../feed/index.ts'
import type { Dependency } from '../reads/index.ts'
import { matches } from './match.ts'

/** Most keys one dependency may be filed under; beyond, its longest lists are checked when found instead. */
const mostKeys = 64

/**
 * Who depends on what, arranged so that a change finds its holders without looking at the others.
 *
 * Per table there are *schemes*: the sets of columns that dependencies compare with `=`. Within a scheme a key
 * (those columns' values) leads to groups of equal dependencies, each with its holders. A change costs the table's
 * schemes plus the groups under its keys: never the size of the index. Every group found is judged by `matches`,
 * so the index can only be too slow, never wrong.
 */
export interface DependencyIndex<Holder> {
  add(holder: Holder, dependencies: readonly Dependency[]): void
  /** Removes a holder with all its dependencies; nothing happens if it isn't there. */
  remove(holder: Holder): void
  affected(change: Change): Set<Holder>
  /** Whether a holder is filed. */
  has(holder: Holder): boolean
  readonly size: number
}

interface Group<Holder> {
  readonly dependency: Dependency
  readonly holders: Set<Holder>
}

interface Scheme<Holder> {
  readonly columns: readonly string[]
  readonly keys: Map<string, Map<string, Group<Holder>>>
}

type Table<Holder> = Map<string, Scheme<Holder>>

interface Filing<Holder> {
  readonly table: string
  readonly scheme: string
  readonly key: string
  readonly signature: string
  readonly group: Group<Holder>
}

export function createDependencyIndex<Holder>(): DependencyIndex<Holder> {
  const tables = new Map<string, Table<Holder>>()
  const filings = new Map<Holder, Filing<Holder>[]>()

  function file(holder: Holder, dependency: Dependency, under: Filing<Holder>[]): void {
    const { table } = dependency
    const columns = schemeColumns(dependency.equals)
    const schemeName = joined(columns)
    const signature = joined([
      ...Object.keys(dependency.equals)
        .sort()
        .flatMap(c => [c, ...(dependency.equals[c] ?? []), '']),
      dependency.columns === null ? '*' : joined([...dependency.columns].sort()),
      JSON.stringify(dependency.residuals ?? []),
    ])
    const schemes = getOrMake(tables, table, () => new Map<string, Scheme<Holder>>())
    const scheme = getOrMake(schemes, schemeName, () => ({ columns, keys: new Map() }))
    for (const key of keysOf(columns, dependency.equals)) {
      const groups = getOrMake(scheme.keys, key, () => new Map<string, Group<Holder>>())
      const group = getOrMake(groups, signature, () => ({ dependency, holders: new Set<Holder>() }))
      if (group.holders.has(holder)) continue
      group.holders.add(holder)
      under.push({ table, scheme: schemeName, key, signature, group })
    }
  }

  function withdraw(holder: Holder, filing: Filing<Holder>): void {
    filing.group.holders.delete(holder)
    if (filing.group.holders.size > 0) return
    const schemes = tables.get(filing.table)
    const scheme = schemes?.get(filing.scheme)
    const groups = scheme?.keys.get(filing.key)
    groups?.delete(filing.signature)
    if (groups?.size === 0) scheme?.keys.delete(filing.key)
    if (scheme?.keys.size === 0) schemes?.delete(filing.scheme)
    if (schemes?.size === 0) tables.delete(filing.table)
  }

  return {
    add(holder, dependencies) {
      const under = getOrMake(filings, holder, () => [] as Filing<Holder>[])
      for (const dependency of dependencies) file(holder, dependency, under)
    },
    remove(holder) {
      const under = filings.get(holder)
      if (!under) return
      filings.delete(holder)
      for (const filing of under) withdraw(holder, filing)
    },
    affected(change) {
      if (change.kind === 'everything') return new Set(filings.keys())
      const found = new Set<Holder>()
      for (const scheme of tables.get(change.table)?.values() ?? []) {
        for (const groups of candidates(scheme, change)) {
          for (const { dependency, holders } of groups.values()) {
            if (matches(dependency, change)) for (const holder of holders) found.add(holder)
          }
        }
      }
      return found
    },
    has: holder => filings.has(holder),
    get size() {
      return filings.size
    },
  }
}

/** The groups under the change's keys; all of the scheme's when a row lacks one of its columns or names no row. */
function candidates<Holder>(scheme: Scheme<Holder>, change: Change): Iterable<Map<string, Group<Holder>>> {
  const rows: Row[] = []
  if (change.kind === 'insert' || change.kind === 'update') rows.push(change.new)
  if (change.kind === 'delete' || change.kind === 'update') rows.push(change.old)
  if (rows.length === 0) return scheme.keys.values()
  const found: Map<string, Group<Holder>>[] = []
  const tried = new Set<string>()
  for (const row of rows) {
    const key = rowKey(scheme.columns, row)
    if (key === 'unknown') return scheme.keys.values()
    if (key === 'none' || tried.has(key.text)) continue
    tried.add(key.text)
    const groups = scheme.keys.get(key.text)
    if (groups) found.push(groups)
  }
  return found
}

/** `unknown` if the row lacks a column (it counts as meeting), `none` if one is NULL (which equals nothing). */
function rowKey(columns: readonly string[], row: Row): { text: string } | 'unknown' | 'none' {
  const values: string[] = []
  let isNull = false
  for (const column of columns) {
    const value = row[column]
    if (value === undefined) return 'unknown'
    if (value === null) isNull = true
    else values.push(value)
  }
  return isNull ? 'none' : { text: joined(values) }
}

/**
 * The columns to file under: all that are compared, less those with the longest lists while the keys are too many
 * (and those with an empty list, `= ANY('{}')`, which would have no key at all).
 */
function schemeColumns(equals: Dependency['equals']): string[] {
  const listed = Object.keys(equals).filter(column => equals[column]?.length)
  const columns = listed.sort((a, b) => (equals[a]?.length ?? 0) - (equals[b]?.length ?? 0))
  let keys = 1
  const kept: string[] = []
  for (const column of columns) {
    keys *= new Set(equals[column]).size
    if (keys > mostKeys && kept.length > 0) break
    kept.push(column)
  }
  return kept.sort()
}

function keysOf(columns: readonly string[], equals: Dependency['equals']): string[] {
  let rows: string[][] = [[]]
  for (const column of columns) {
    const values = [...new Set(equals[column])]
    rows = rows.flatMap(row => values.map(value => [...row, value]))
  }
  return rows.map(joined)
}

/** One string for a list, so that different lists have different strings. */
function joined(values: readonly string[]): string {
  let text = ''
  for (const value of values) text += `${value.length}:${value}`
  return text
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
