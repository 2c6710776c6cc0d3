import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPosition, type Position } from '../data/index.ts'
import { createFakeFeed } from '../testing/fakeFeed.ts'
import { createPageStore } from './pageStore.ts'
import type { PageRequest } from './variant.ts'

/**
 * A database, a feed that hears of its commits in order but late, workers whose own feeds may be behind this one or
 * ahead of it, and renders that read at any moment between their start and their end: in every interleaving, what
 * the store holds must show all that this process's feed has emitted.
 */
type Step =
  | { do: 'commit'; row: string }
  | { do: 'emit' }
  | { do: 'begin'; row: string; ahead: number }
  | { do: 'read'; render: number }
  | { do: 'finish'; render: number }
  | { do: 'forget' }

const row = fc.constantFrom('1', '2')
const render = fc.nat({ max: 5 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('commit' as const), row }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('emit' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('begin' as const), row, ahead: fc.integer({ min: -2, max: 2 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), render }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('finish' as const), render }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
)

const begin = 0x100n
const commitBytes = 0x10n

const pageOf = (id: string): PageRequest => ({
  method: 'GET',
  host: 'a.test',
  path: `/${id}`,
  rawQuery: '',
  rawHeaders: [],
  cookie: undefined,
  address: '203.0.113.1',
  protocol: 'https',
})

/** Plays the steps, checking after each; returns how many fills were stored. */
function play(steps: readonly Step[]): number {
  const feed = createFakeFeed()
  const store = createPageStore({ maxBytes: 1e6, maxEntryBytes: 1e3, feed })
  const database = new Map<string, number>()
  const emitted = new Map<string, number>()
  const unheard: { row: string; version: number }[] = []
  const renders: { row: string; position: Position; body?: number }[] = []

  const take: { [Kind in Step['do']]: (one: Extract<Step, { do: Kind }>) => void } = {
    commit(one) {
      const version = (database.get(one.row) ?? 0) + 1
      database.set(one.row, version)
      unheard.push({ row: one.row, version })
    },
    emit() {
      const next = unheard.shift()
      if (!next) return
      const old = { id: next.row, v: String(next.version - 1) }
      const now = { id: next.row, v: String(next.version) }
      feed.commit([{ kind: 'update', table: 'public.t', old, new: now, changed: ['v'] }], commitBytes)
      emitted.set(next.row, next.version)
    },
    begin(one) {
      const here = feed.position as Position
      const lsn = here.lsn + BigInt(Math.min(one.ahead, unheard.length)) * commitBytes
      renders.push({ row: one.row, position: { epoch: here.epoch, lsn: lsn < begin ? begin : lsn } })
    },
    read(one) {
      const reading = renders[one.render % renders.length]
      if (reading) reading.body ??= database.get(reading.row) ?? 0
    },
    finish(one) {
      const done = renders[one.render % renders.length]
      if (done?.body === undefined) return
      renders.splice(renders.indexOf(done), 1)
      store.fill(
        pageOf(done.row),
        { status: 200, headers: [], body: Buffer.from(String(done.body)) },
        {
          build: 'b',
          position: formatPosition(done.position),
          parts: [],
          dependencies: [{ table: 'public.t', equals: { id: [done.row] }, columns: ['v'] }],
          vetoes: [],
          wrote: null,
          endsAt: null,
        },
      )
    },
    forget: () => feed.forget(),
  }

  for (const one of steps) {
    ;(take[one.do] as (one: Step) => void)(one)
    for (const [id, version] of emitted) {
      const entry = store.peek(pageOf(id))
      if (entry) expect(Number(entry.response.body.toString())).toBeGreaterThanOrEqual(version)
    }
  }
  return store.stats().stored
}

test('no interleaving of commits, their emission, renders and fills leaves a stale page', () => {
  let stored = 0
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), steps => {
      stored += play(steps)
    }),
    { numRuns: 300 },
  )
  // The property would hold for a store that keeps nothing.
  expect(stored).toBeGreaterThan(300)
})
