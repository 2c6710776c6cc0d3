import type { matches } from '../../src/cache/index.ts'
import { keyText } from '../../src/data/index.ts'
import type { Change, Row } from '../../src/feed/index.ts'
import { type Analyzer, bind, type Dependency, stepOf } from '../../src/reads/index.ts'
import type { TestDatabase } from '../../src/testing/database.ts'
import type { OracleQuery } from './query.ts'
import type { OracleTable } from './schema.ts'

type Matcher = typeof matches

/** What a run has seen: an oracle that never sees a result change proves nothing. */
export interface Tally {
  queries: number
  failed: number
  cacheable: number
  narrowed: number
  changedResults: number
  /** Changed nothing that was read, and purged nothing. */
  spared: number
}

export const emptyTally = (): Tally => ({
  queries: 0,
  failed: 0,
  cacheable: 0,
  narrowed: 0,
  changedResults: 0,
  spared: 0,
})

export interface Miss {
  readonly query: OracleQuery
  readonly dependencies: readonly Dependency[]
  readonly changes: readonly Change[]
  readonly before: readonly string[]
  readonly after: readonly string[]
}

const session = { searchPath: 'public', role: 'app', database: 'app', altered: false }

/**
 * Runs each query, then the change, then each query again: a result that differs although no change matches a
 * dependency is a page that would have stayed stale.
 */
export async function audit(
  database: TestDatabase,
  analyzer: Analyzer,
  tables: readonly OracleTable[],
  queries: readonly OracleQuery[],
  change: string,
  matcher: Matcher,
  tally: Tally,
): Promise<Miss[]> {
  const results: (readonly string[] | undefined)[] = []
  for (const query of queries) results.push(await run(database, query))
  const rowsBefore = await snapshot(database, tables)
  try {
    await database.query(change)
  } catch {
    return [] // a constraint forbids the change: nothing happened
  }
  const changes = difference(rowsBefore, await snapshot(database, tables))
  const misses: Miss[] = []
  for (const [index, query] of queries.entries()) {
    const before = results[index]
    tally.queries++
    if (!before) {
      tally.failed++
      continue
    }
    const analysis = analyzer.analyze(query.text, session)
    if (analysis.kind !== 'read') continue
    tally.cacheable++
    const dependencies = bind(analysis, query.values)
    if (dependencies.some(dependency => stepOf(dependency) === 'equality')) tally.narrowed++
    const after = await run(database, query)
    const purged = changes.some(one => dependencies.some(dependency => matcher(dependency, one)))
    if (!after) continue // it fails now: nothing newer could be served
    const differs = JSON.stringify(before) !== JSON.stringify(after)
    if (differs) tally.changedResults++
    else if (changes.length > 0 && !purged) tally.spared++
    if (differs && !purged) misses.push({ query, dependencies, changes, before, after })
  }
  return misses
}

/** The result as a multiset of rows; undefined if the query fails. */
async function run(database: TestDatabase, query: OracleQuery): Promise<readonly string[] | undefined> {
  try {
    const { rows } = await database.query(query.text, query.values)
    return rows.map(row => JSON.stringify(row)).sort()
  } catch {
    return undefined
  }
}

type Snapshot = Map<string, Row>

/** Every row of every table, by the column that says which row it is. */
async function snapshot(database: TestDatabase, tables: readonly OracleTable[]): Promise<Snapshot> {
  const text = tables.map(({ name, columns }) => {
    // format() uses the type's output function, as the feed does; a cast to text writes true for t.
    const fields = columns.map(
      ({ name: column }) => `'${column}', case when ${column} is not null then format('%s', ${column}) end`,
    )
    return `select '${name}' as name, _n as number, json_build_object(${fields.join(', ')}) as row from ${name}`
  })
  const { rows } = await database.query<{ name: string; number: number; row: Record<string, string | null> }>(
    text.join(' union all '),
  )
  return new Map(rows.map(({ name, number, row }) => [`public.${name} ${number}`, keyRow(row)]))
}

function keyRow(row: Record<string, string | null>): Row {
  return Object.fromEntries(
    Object.entries(row).map(([column, text]) => [column, text === null ? null : keyText(text)]),
  )
}

function difference(before: Snapshot, after: Snapshot): Change[] {
  const changes: Change[] = []
  for (const [key, old] of before) {
    const table = key.slice(0, key.indexOf(' '))
    const fresh = after.get(key)
    if (!fresh) {
      changes.push({ kind: 'delete', table, old })
      continue
    }
    const changed = Object.keys(old).filter(column => old[column] !== fresh[column])
    if (changed.length > 0) changes.push({ kind: 'update', table, old, new: fresh, changed })
  }
  for (const [key, fresh] of after) {
    if (!before.has(key)) changes.push({ kind: 'insert', table: key.slice(0, key.indexOf(' ')), new: fresh })
  }
  return changes
}
