import { createDependencyIndex, type matches } from '../../src/cache/index.ts'
import type { Change } from '../../src/feed/index.ts'
import { type Dependency, stepOf } from '../../src/reads/index.ts'
import type { OracleQuery } from './query.ts'
import type { World } from './world.ts'

export type Matcher = typeof matches

/** What a run has seen: an oracle that never sees a result change proves nothing. */
export interface Tally {
  cases: number
  /** A query looked at again after a transaction: what the others count in. */
  looks: number
  failed: number
  cacheable: number
  /** More than a whole table is known. */
  narrowed: number
  changedResults: number
  /** Its result was the same after a transaction that changed something, and it was not purged. */
  spared: number
  /** Its result was the same, and it was purged. */
  purgedInVain: number
}

export const emptyTally = (): Tally => ({
  cases: 0,
  looks: 0,
  failed: 0,
  cacheable: 0,
  narrowed: 0,
  changedResults: 0,
  spared: 0,
  purgedInVain: 0,
})

export interface OracleCase {
  readonly schema: string
  readonly data: string
  readonly queries: readonly OracleQuery[]
  readonly transactions: readonly string[]
}

export interface Miss {
  readonly what: string
  readonly schema: string
  readonly data: string
  readonly query: OracleQuery
  /** The last is the one that went unnoticed. */
  readonly transactions: readonly string[]
  readonly dependencies: readonly Dependency[]
  readonly changes: readonly Change[]
  readonly before: readonly string[]
  readonly after: readonly string[]
}

interface Entry {
  readonly query: OracleQuery
  readonly rows: readonly string[]
  readonly dependencies: readonly Dependency[]
}

/**
 * Keeps the results of the queries as a cache would, runs one transaction after the other, and purges by what the
 * feed tells. A result that differs when its query is run again, although it was not purged, is a page that would
 * have stayed stale: a miss.
 */
export async function audit(
  world: World,
  { schema, data, queries, transactions }: OracleCase,
  matcher: Matcher,
  tally: Tally,
): Promise<Miss | undefined> {
  try {
    await world.reset(schema, data)
  } catch (error) {
    if ((error as { code?: string }).code === undefined) throw error
    return undefined // PostgreSQL refuses the schema or its rows
  }
  tally.cases++
  const index = createDependencyIndex<number>()
  const entries = new Map<number, Entry>()
  const keep = async (number: number, query: OracleQuery): Promise<void> => {
    const reading = await world.read(query.text, query.values)
    index.remove(number)
    entries.delete(number)
    tally.looks++
    if (!reading) tally.failed++
    else if (reading.dependencies) {
      tally.cacheable++
      const { rows, dependencies } = reading
      if (dependencies.some(dependency => stepOf(dependency) !== 'table')) tally.narrowed++
      entries.set(number, { query, rows, dependencies })
      index.add(number, dependencies)
    }
  }
  for (const [number, query] of queries.entries()) await keep(number, query)

  for (const [done, transaction] of transactions.entries()) {
    const told = await world.change(transaction)
    const changes = told?.flatMap(one => one.changes) ?? [
      { kind: 'everything', reason: 'a new epoch' } as const,
    ]
    const found = new Set(changes.flatMap(change => [...index.affected(change)]))
    for (const [number, query] of queries.entries()) {
      const entry = entries.get(number)
      const purged = entry?.dependencies.some(one => changes.some(change => matcher(one, change)))
      if (!entry || purged) await keep(number, query)
      const after = entry && (purged ? entries.get(number) : await world.read(query.text, query.values))
      if (!entry || !after) continue // it fails now: nothing newer could be shown
      if (!purged) tally.looks++
      const differs = JSON.stringify(entry.rows) !== JSON.stringify(after.rows)
      if (differs) tally.changedResults++
      else if (purged) tally.purgedInVain++
      else if (changes.length > 0) tally.spared++
      const what =
        differs && !purged
          ? 'The result changed, and nothing matched.'
          : purged && !found.has(number)
            ? 'A dependency matches, and the index did not find it.'
            : undefined
      if (what) {
        const before = entry.rows
        const { dependencies } = entry
        const sofar = transactions.slice(0, done + 1)
        return {
          what,
          schema,
          data,
          query,
          transactions: sofar,
          dependencies,
          changes,
          before,
          after: after.rows,
        }
      }
    }
  }
  return undefined
}
