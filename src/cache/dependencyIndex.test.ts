import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change, Row } from '../feed/index.ts'
import type { Dependency, Residual } from '../reads/index.ts'
import { createDependencyIndex } from './dependencyIndex.ts'
import { matches } from './match.ts'

const columnNames = ['a', 'b', 'c']
const value = fc.constantFrom('1', '2', '3', '', '1:1')
const columns = fc.subarray(columnNames)
const table = fc.constantFrom('public.t', 'public.u')

const residual: fc.Arbitrary<Residual> = fc.oneof(
  fc.record({
    column: fc.constantFrom(...columnNames),
    op: fc.constantFrom('<', '>='),
    value,
    as: fc.constant('text'),
  }),
  fc.record({ column: fc.constantFrom(...columnNames), op: fc.constant('is null') }),
)

const dependency: fc.Arbitrary<Dependency> = fc.record({
  table,
  equals: fc.dictionary(fc.constantFrom(...columnNames), fc.array(value, { maxLength: 9 })),
  upTo: fc.option(
    fc.array(
      fc.record({
        column: fc.constantFrom(...columnNames),
        as: fc.constant('text' as const),
        descending: fc.boolean(),
        nullsFirst: fc.boolean(),
        value: fc.option(value),
      }),
      { minLength: 1, maxLength: 2 },
    ),
    { nil: undefined },
  ),
  version: fc.constantFrom(undefined, undefined, 'old' as const, 'new' as const),
  residuals: fc.option(fc.array(residual, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  columns: fc.option(columns, { nil: null }),
})

const row: fc.Arbitrary<Row> = fc.record(
  { a: fc.option(value), b: fc.option(value), c: fc.option(value) },
  { requiredKeys: [] },
)

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('insert' as const), table, new: row }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('delete' as const), table, old: row }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('update' as const),
      table,
      old: row,
      new: row,
      changed: columns,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('table' as const), table }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'everything' as const, reason: 'DDL' }) },
)

test('it finds exactly what comparing every dependency finds, whatever was removed before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.array(dependency, { maxLength: 4 }), fc.boolean()), { maxLength: 20 }),
      fc.array(change, { minLength: 1, maxLength: 5 }),
      (holders, changes) => {
        const index = createDependencyIndex<number>()
        for (const [holder, [dependencies]] of holders.entries()) index.add(holder, dependencies)
        for (const [holder, [, removed]] of holders.entries()) if (removed) index.remove(holder)
        for (const one of changes) {
          const expected = [...holders.entries()].filter(
            ([, [dependencies, removed]]) =>
              !removed && (one.kind === 'everything' || dependencies.some(d => matches(d, one))),
          )
          expect([...index.affected(one)].sort()).toEqual(expected.map(([holder]) => holder).sort())
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a change looks at its own keys only, however many entries there are', () => {
  const index = createDependencyIndex<number>()
  let looks = 0
  for (let holder = 0; holder < 5_000; holder++) {
    const equals = { id: [String(holder)] }
    const watched = new Proxy(equals, {
      get(target, property) {
        looks++
        return Reflect.get(target, property)
      },
    })
    index.add(holder, [{ table: 'public.t', equals: watched, columns: null }])
  }
  looks = 0
  expect([...index.affected({ kind: 'insert', table: 'public.t', new: { id: '77' } })]).toEqual([77])
  expect(looks).toBeLessThan(5)
})

test('a list too long to file under every value is found all the same', () => {
  const index = createDependencyIndex<string>()
  const ids = Array.from({ length: 100 }, (_, id) => String(id))
  index.add('x', [{ table: 'public.t', equals: { kind: ['k'], id: ids }, columns: null }])
  expect(index.affected({ kind: 'insert', table: 'public.t', new: { kind: 'k', id: '99' } }).size).toBe(1)
  expect(index.affected({ kind: 'insert', table: 'public.t', new: { kind: 'k', id: '100' } }).size).toBe(0)
})
