import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matches } from '../src/cache/index.ts'
import { audit, emptyTally, type Matcher, type Tally } from './oracle/audit.ts'
import { report, search } from './oracle/search.ts'
import { found } from './oracle/seeds.ts'
import { World } from './oracle/world.ts'

/**
 * The soundness oracle (DESIGN §3): for random schemas, queries and transactions, if running a query again gives
 * another result, what the feed told of the transaction must match one of its dependencies. No exception.
 *
 * QUINTET_ORACLE_SEED repeats a run. `npm run oracle -- --minutes 30` is the long one.
 */
const seed = Number(process.env.QUINTET_ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const millis = 14_000

const worlds: World[] = []

beforeAll(async () => {
  // One sums up whatever changes more than a few rows, as a bulk change is.
  worlds.push(await World.open(), await World.open(2))
}, 60_000)

afterAll(async () => {
  for (const world of worlds) await world.close()
})

const first = (): World => {
  const [world] = worlds
  if (!world) throw new Error('No world.')
  return world
}

describe('the oracle', () => {
  it('finds no result that changed unnoticed', { timeout: 180_000 }, async () => {
    const tally: Tally = emptyTally()
    // On a busy machine it takes more than one round to see enough.
    for (let round = 0; round < 5 && (round === 0 || tally.looks < 3_000); round++) {
      const seeds = worlds.map((_, index) => seed + 2 * round + index)
      const misses = await Promise.all(
        worlds.map((world, index) =>
          search(world, matches, tally, { seed: seeds[index] ?? seed, millis, shrink: true }),
        ),
      )
      for (const [index, miss] of misses.entries()) {
        if (miss) expect.fail(report(miss, seeds[index] ?? seed))
      }
    }
    // It has seen enough for that to mean something.
    const seen = JSON.stringify({ seed, ...tally })
    expect(tally.looks, seen).toBeGreaterThan(1_000)
    expect(tally.failed, seen).toBeLessThan(tally.looks * 0.3)
    expect(tally.cacheable, seen).toBeGreaterThan(tally.looks * 0.2)
    expect(tally.narrowed, seen).toBeGreaterThan(tally.cacheable * 0.3)
    expect(tally.changedResults, seen).toBeGreaterThan(50)
    expect(tally.spared, seen).toBeGreaterThan(100)
  })

  it.each(found)('keeps: $name', async one => {
    const miss = await audit(first(), one, matches, emptyTally())
    if (miss) expect.fail(report(miss, 0))
  })

  const broken: Record<string, Matcher> = {
    'forgets the old row of an update': (dependency, change) =>
      matches(dependency, change.kind === 'update' ? { ...change, old: change.new } : change),
    'forgets the new row of an update': (dependency, change) =>
      matches(dependency, change.kind === 'update' ? { ...change, new: change.old } : change),
    'forgets inserts': (dependency, change) => change.kind !== 'insert' && matches(dependency, change),
    'forgets deletes': (dependency, change) => change.kind !== 'delete' && matches(dependency, change),
    'forgets TRUNCATE and sums': (dependency, change) =>
      change.kind !== 'table' && matches(dependency, change),
    'forgets DDL': (dependency, change) => change.kind !== 'everything' && matches(dependency, change),
    'forgets that a partition’s row is its root’s': (dependency, change) =>
      change.kind === 'everything' || (change.table !== 'public.p' && matches(dependency, change)),
    'forgets one column of those read': (dependency, change) =>
      matches({ ...dependency, columns: dependency.columns?.slice(1) ?? null }, change),
    'takes ranges and NULL for never met': (dependency, change) =>
      change.kind === 'everything' || (!dependency.residuals?.length && matches(dependency, change)),
    'takes one value of a list for all': (dependency, change) => {
      const equals = Object.entries(dependency.equals).map(([column, values]) => [column, values.slice(0, 1)])
      return matches({ ...dependency, equals: Object.fromEntries(equals) }, change)
    },
  }
  it.each(Object.entries(broken))('finds a matcher that %s', { timeout: 90_000 }, async (name, matcher) => {
    const world = worlds[name.includes('sums') ? 1 : 0]
    if (!world) throw new Error('No world.')
    const lookups = /row of an update|value of a list/.test(name)
    const miss = await search(world, matcher, emptyTally(), { seed, millis: 75_000, shrink: false, lookups })
    expect(miss?.what).toMatch(/nothing matched/)
  })
})
