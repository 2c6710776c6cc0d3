import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matches } from '../src/cache/index.ts'
import { type Analyzer, createAnalyzer, loadCatalog } from '../src/reads/index.ts'
import { type TestDatabase, testDatabase } from '../src/testing/database.ts'
import { audit, emptyTally, type Miss, type Tally } from './oracle/audit.ts'
import { buildChange } from './oracle/change.ts'
import { Choices } from './oracle/choices.ts'
import { buildQuery } from './oracle/query.ts'
import { buildData, buildSchema, type OracleSchema } from './oracle/schema.ts'

/**
 * The soundness oracle (DESIGN §3): for random schemas, queries and changes, if running a query again gives another
 * result, the change must match one of its dependencies. No exception.
 *
 * QUINTET_ORACLE_SEED repeats a run, QUINTET_ORACLE_RUNS makes it longer (cases for each schema).
 */
const seed = Number(process.env.QUINTET_ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const numRuns = Number(process.env.QUINTET_ORACLE_RUNS ?? 120)
const schemaCount = 4

interface World {
  readonly schema: OracleSchema
  readonly database: TestDatabase
  readonly analyzer: Analyzer
}

const worlds: World[] = []
const numbers = (maxLength: number) =>
  fc.array(fc.nat({ max: 9_999 }), { minLength: maxLength / 2, maxLength, size: 'max' })
const cases = fc.record({
  data: numbers(80),
  change: numbers(12),
  queries: fc.array(numbers(60), { minLength: 1, maxLength: 6, size: 'max' }),
})

beforeAll(async () => {
  const choices = fc.sample(numbers(60), { numRuns: schemaCount, seed })
  for (const list of choices) {
    const schema = buildSchema(new Choices(list))
    const database = await testDatabase(schema.sql)
    const catalog = await loadCatalog((text, values) => database.query(text, values), 'quintet')
    worlds.push({ schema, database, analyzer: await createAnalyzer({ catalog }) })
  }
})

afterAll(async () => {
  for (const { database } of worlds) await database.close()
})

/** Looks for a miss; returns it shrunk, with how to repeat it. */
async function search(
  world: World,
  matcher: typeof matches,
  tally: Tally,
  control = false,
): Promise<string | undefined> {
  const { schema, database, analyzer } = world
  let last: Miss | undefined
  const property = fc.asyncProperty(cases, async ({ data, change, queries }) => {
    await database.query(buildData(schema, new Choices(data)))
    const misses = await audit(
      database,
      analyzer,
      schema.tables,
      queries.map(list => buildQuery(schema, new Choices(list))),
      buildChange(schema, new Choices(change)),
      matcher,
      tally,
    )
    if (misses[0]) last = misses[0]
    return misses.length === 0
  })
  // A control only has to be found, not to be read: no shrinking.
  const outcome = await fc.check(property, {
    seed,
    numRuns: control ? 2_000 : numRuns,
    endOnFailure: control,
    interruptAfterTimeLimit: Math.max(20_000, numRuns * 60),
  })
  if (!outcome.failed || !last) return outcome.failed ? String(outcome.errorInstance) : undefined
  return `${JSON.stringify(last, null, 2)}\n${schema.sql}\nRepeat with QUINTET_ORACLE_SEED=${seed}.`
}

describe('the oracle', () => {
  it.each(Array.from({ length: schemaCount }, (_, index) => index))(
    'finds no result that changed unnoticed (schema %i)',
    async index => {
      const world = worlds[index]
      if (!world) throw new Error('No schema.')
      const tally = emptyTally()
      const miss = await search(world, matches, tally)
      expect(miss, miss).toBeUndefined()
      // It has seen enough for that to mean something.
      expect(tally.failed, JSON.stringify(tally)).toBeLessThan(tally.queries * 0.3)
      expect(tally.cacheable, JSON.stringify(tally)).toBeGreaterThan(tally.queries * 0.6)
      expect(tally.narrowed, JSON.stringify(tally)).toBeGreaterThan(tally.cacheable * 0.3)
      expect(tally.changedResults, JSON.stringify(tally)).toBeGreaterThan(5)
      expect(tally.spared, JSON.stringify(tally)).toBeGreaterThan(20)
    },
    Math.max(60_000, numRuns * 100),
  )

  const broken: Record<string, typeof matches> = {
    'forgets the old row of an update': (dependency, change) =>
      matches(dependency, change.kind === 'update' ? { ...change, old: change.new } : change),
    'forgets inserts': (dependency, change) => change.kind !== 'insert' && matches(dependency, change),
    'forgets one column of those read': (dependency, change) =>
      matches({ ...dependency, columns: dependency.columns?.slice(1) ?? null }, change),
  }
  it.each(Object.entries(broken))('finds a matcher that %s', async (_, matcher) => {
    const [world] = worlds
    if (!world) throw new Error('No schema.')
    expect(await search(world, matcher, emptyTally(), true)).toMatch(/QUINTET_ORACLE_SEED/)
  })
})
