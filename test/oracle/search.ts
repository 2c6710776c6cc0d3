import fc from 'fast-check'
import { audit, type Matcher, type Miss, type OracleCase, type Tally } from './audit.ts'
import { Choices } from './choices.ts'
import { buildQuery, withViews } from './query.ts'
import { buildData, buildSchema } from './schema.ts'
import { buildTransaction } from './transaction.ts'
import type { World } from './world.ts'

const numbers = (maxLength: number) =>
  fc.array(fc.nat({ max: 9_999 }), { minLength: maxLength / 2, maxLength, size: 'max' })

/** Everything of a case is built from lists of numbers: shorter lists and smaller numbers make simpler cases. */
const cases = fc.record({
  schema: numbers(160),
  data: numbers(160),
  queries: fc.array(numbers(90), { minLength: 1, maxLength: 24, size: 'max' }),
  transactions: fc.array(numbers(30), { minLength: 1, maxLength: 10, size: 'max' }),
})

type Lists = { schema: number[]; data: number[]; queries: number[][]; transactions: number[][] }

export function buildCase(lists: Lists): OracleCase {
  const choices = new Choices(lists.schema)
  const schema = withViews(buildSchema(choices), choices)
  return {
    schema: schema.sql,
    data: buildData(schema, new Choices(lists.data)),
    queries: lists.queries.map(list => buildQuery(schema, new Choices(list))),
    transactions: lists.transactions.map(list => buildTransaction(schema, new Choices(list))),
  }
}

export interface SearchOptions {
  readonly seed: number
  readonly millis: number
  /** A control only has to be found, not to be read: no shrinking. */
  readonly shrink: boolean
  /** Only lookups: what is broken in equality conditions is then found sooner. */
  readonly lookups?: boolean
}

/** Looks for a miss until the time is over; returns it shrunk. */
export async function search(
  world: World,
  matcher: Matcher,
  tally: Tally,
  { seed, millis, shrink, lookups }: SearchOptions,
): Promise<Miss | undefined> {
  let last: Miss | undefined
  const property = fc.asyncProperty(cases, async lists => {
    // The first choice of a query is whether it is a lookup.
    const queries = lookups ? lists.queries.map(list => [99, ...list]) : lists.queries
    const miss = await audit(world, buildCase({ ...lists, queries }), matcher, tally)
    if (miss) last = miss
    return miss === undefined
  })
  const outcome = await fc.check(property, {
    seed,
    numRuns: 1_000_000,
    endOnFailure: !shrink,
    interruptAfterTimeLimit: millis,
  })
  if (outcome.failed && !last) throw outcome.errorInstance
  return last
}

/** How to look at a miss, and how to keep it. */
export function report(miss: Miss, seed: number): string {
  return `${miss.what} Repeat with QUINTET_ORACLE_SEED=${seed}, and keep it in test/oracle/seeds.ts.\n${JSON.stringify(miss, null, 2)}`
}
