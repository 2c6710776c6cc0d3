import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { sortsUpTo } from './boundary.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('create table t (n int, day date)')
})
afterAll(() => database.close())

it.each(
  ['', ' desc', ' nulls first', ' desc nulls last'].flatMap(a =>
    ['', ' desc nulls last'].map(b => [a, b] as const),
  ),
)('PostgreSQL agrees about what sorts up to a row (%s,%s)', async (first, second) => {
  const rows: { n: string | null; day: string | null }[] = []
  for (const n of ['10', '9', '-1', null]) {
    for (const day of ['2024-01-01', 'infinity', '1999-12-31', null]) rows.push({ n, day })
  }
  const { rows: sorted } = await database.query<{ n: string | null; day: string | null }>(
    `select n::text, day::text from unnest($1::int[], $2::date[]) as r(n, day) order by r.n${first}, r.day${second}`,
    [rows.map(({ n }) => n), rows.map(({ day }) => day)],
  )
  const key = (direction: string) => ({
    descending: direction.includes('desc'),
    nullsFirst: direction.includes('nulls first') || direction === ' desc',
  })
  for (const [end, last] of sorted.entries()) {
    const boundary = [
      { column: 'n', as: 'int', ...key(first), value: last.n },
      { column: 'day', as: 'date', ...key(second), value: last.day },
    ] as const
    expect(sorted.map(row => sortsUpTo(boundary, row))).toEqual(sorted.map((_, index) => index <= end))
  }
})

it('whatever can not be compared counts as before', () => {
  const boundary = [
    { column: 't', as: 'text', descending: false, nullsFirst: false, value: 'b' },
    { column: 'n', as: 'int', descending: false, nullsFirst: false, value: '1' },
  ] as const
  expect(sortsUpTo(boundary, { t: 'c', n: '0' })).toBe(false)
  expect(sortsUpTo(boundary, { t: 'b', n: '2' })).toBe(false)
  expect(sortsUpTo(boundary, { t: 'b', n: '1' })).toBe(true)
  expect(sortsUpTo(boundary, { n: '2' })).toBe(true)
  expect(sortsUpTo(boundary, { t: '#vRuIDDE-wuhTJIxA2R6_6g', n: '2' })).toBe(true)
})
