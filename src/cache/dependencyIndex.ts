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

/** Equal dependencies with those who hold them; one object under all its keys. */
interface Group<Holder> {
  readonly dependency: Dependency
  readonly scheme: Scheme<Holder>
  /** Nearly every group has one holder, and then needs no set. */
  holders: Holder | Set<Holder>
  shared: boolean
  signature: string | undefined
}

/** What stands under a key: nearly always one group, else groups by their signatures. */
type Posting<Holder> = Group<Holder> | Map<string, Group<Holder>>

interface Scheme<Holder> {
  readonly table: string
  readonly name: string
  readonly columns: readonly string[]
  readonly keys: Map<string, Posting<Holder>>
}

export function createDependencyIndex<Holder>(): DependencyIndex<Holder> {
  const tables = new Map<string, Map<string, Scheme<Holder>>>()
  const filings = new Map<Holder, Group<Holder>[]>()

  function file(holder: Holder, dependency: Dependency, under: Group<Holder>[]): void {
    const { table } = dependency
    const columns = schemeColumns(dependency.equals)
    const name = joined(columns)
    const schemes = getOrMake(tables, table, () => new Map<string, Scheme<Holder>>())
    const scheme = getOrMake(schemes, name, () => ({ table, name, columns, keys: new Map() }))
    const keys = keysOf(columns, dependency.equals)
    // Equal dependencies are filed under the same keys, so the first one tells.
    const known = groupIn(scheme.keys.get(keys[0] as string), dependency)
    if (known) {
      if (join(known, holder)) under.push(known)
      return
    }
    const group: Group<Holder> = { dependency, scheme, holders: holder, shared: false, signature: undefined }
    for (const key of keys) put(scheme.keys, key, group)
    under.push(group)
  }

  function withdraw(holder: Holder, group: Group<Holder>): void {
    if (group.shared) {
      const holders = group.holders as Set<Holder>
      holders.delete(holder)
      if (holders.size > 0) return
    }
    const { keys, table, name, columns } = group.scheme
    for (const key of keysOf(columns, group.dependency.equals)) {
      const posting = keys.get(key)
      if (posting instanceof Map) posting.delete(signatureOf(group))
      if (posting === group || (posting instanceof Map && posting.size === 0)) keys.delete(key)
    }
    const schemes = tables.get(table)
    if (keys.size === 0) schemes?.delete(name)
    if (schemes?.size === 0) tables.delete(table)
  }

  return {
    add(holder, dependencies) {
      const under = getOrMake(filings, holder, () => [] as Group<Holder>[])
      for (const dependency of dependencies) file(holder, dependency, under)
    },
    remove(holder) {
      const under = filings.get(holder)
      if (!under) return
      filings.delete(holder)
      for (const group of under) withdraw(holder, group)
    },
    affected(change) {
      if (change.kind === 'everything') return new Set(filings.keys())
      const found = new Set<Holder>()
      const judge = (group: Group<Holder>): void => {
        if (!matches(group.dependency, change)) return
        if (!group.shared) found.add(group.holders as Holder)
        else for (const holder of group.holders as Set<Holder>) found.add(holder)
      }
      for (const scheme of tables.get(change.table)?.values() ?? []) {
        for (const posting of candidates(scheme, change)) {
          if (posting instanceof Map) posting.forEach(judge)
          else judge(posting)
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

/** The group of equal dependencies, if it is there. */
function groupIn<Holder>(
  posting: Posting<Holder> | undefined,
  dependency: Dependency,
): Group<Holder> | undefined {
  if (posting === undefined) return undefined
  const signature = signed(dependency)
  if (posting instanceof Map) return posting.get(signature)
  return signatureOf(posting) === signature ? posting : undefined
}

function put<Holder>(keys: Map<string, Posting<Holder>>, key: string, group: Group<Holder>): void {
  const posting = keys.get(key)
  if (posting === undefined) keys.set(key, group)
  else if (posting instanceof Map) posting.set(signatureOf(group), group)
  else if (posting !== group) {
    keys.set(
      key,
      new Map([
        [signatureOf(posting), posting],
        [signatureOf(group), group],
      ]),
    )
  }
}

/** Adds a holder; false if it is one already. */
function join<Holder>(group: Group<Holder>, holder: Holder): boolean {
  if (!group.shared) {
    if (group.holders === holder) return false
    group.holders = new Set([group.holders as Holder, holder])
    group.shared = true
    return true
  }
  const holders = group.holders as Set<Holder>
  if (holders.has(holder)) return false
  holders.add(holder)
  return true
}

function signatureOf<Holder>(group: Group<Holder>): string {
  group.signature ??= signed(group.dependency)
  return group.signature
}

/** Equal for equal dependencies on one table, and for no others. */
function signed({ equals, columns, residuals, upTo, version }: Dependency): string {
  return joined([
    ...Object.keys(equals)
      .sort()
      .flatMap(column => [column, ...(equals[column] ?? []), '']),
    columns === null ? '*' : joined([...columns].sort()),
    residuals || upTo || version ? JSON.stringify([residuals, upTo, version]) : '',
  ])
}

/** The groups under the change's keys; all of the scheme's when a row lacks one of its columns or names no row. */
function candidates<Holder>(scheme: Scheme<Holder>, change: Change): Iterable<Posting<Holder>> {
  const rows: Row[] = []
  if (change.kind === 'insert' || change.kind === 'update') rows.push(change.new)
  if (change.kind === 'delete' || change.kind === 'update') rows.push(change.old)
  if (rows.length === 0) return scheme.keys.values()
  const found: Posting<Holder>[] = []
  const tried = new Set<string>()
  for (const row of rows) {
    const key = rowKey(scheme.columns, row)
    if (key === 'unknown') return scheme.keys.values()
    if (key === 'none' || tried.has(key.text)) continue
    tried.add(key.text)
    const posting = scheme.keys.get(key.text)
    if (posting) found.push(posting)
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
  return isNull ? 'none' : { text: keyOf(values) }
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
  return rows.map(keyOf)
}

/** The key of the values of a scheme's columns; a single one is its own key, and takes no memory of its own. */
function keyOf(values: readonly string[]): string {
  return values.length === 1
    ? (values[0] as string)
    : values.map(value => `${value.length}:${value}`).join('')
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
