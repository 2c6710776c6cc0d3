import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argumentsKey } from './argumentsKey.ts'

const key = (...values: unknown[]): string => argumentsKey(values, 'f')

test('different arguments have different keys', () => {
  const lists: unknown[][] = [
    [],
    [undefined],
    [null],
    ['null'],
    [''],
    [0],
    [-0],
    ['0'],
    [0n],
    [false],
    [Number.NaN],
    [1, 2],
    [[1, 2]],
    ['1,2'],
    ['1', '2'],
    [{}],
    [[]],
    [{ a: 1 }],
    [{ a: '1' }],
    [{ a: { b: 1 } }],
    [new Date(0)],
    ['date 0'],
  ]
  expect(new Set(lists.map(list => key(...list))).size).toBe(lists.length)
})

test('the order of properties does not matter, nor those that are undefined', () => {
  expect(key({ a: 1, b: { d: 2, c: 3 } })).toBe(key({ b: { c: 3, d: 2 }, a: 1, e: undefined }))
})

test('plain JSON values have equal keys exactly if they are equal', () => {
  const value = fc.jsonValue({ maxDepth: 3 })
  fc.assert(
    fc.property(value, value, (a, b) => {
      const isSame = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
      // JSON writes -0 as 0.
      if (key(a).includes('-0') || key(b).includes('-0')) return
      expect(key(a) === key(b)).toBe(isSame)
    }),
    { numRuns: 500 },
  )
})

test.each<[unknown, string]>([
  [() => 1, 'argument 1 is a function'],
  [Symbol('s'), 'argument 1 is a symbol'],
  [{ list: [new Map()] }, 'argument 1.list[0] is an instance of Map'],
  [new (class User {})(), 'argument 1 is an instance of User'],
])('refuses what has no key: %s', (value, message) => {
  expect(() => key(value)).toThrow(message)
})

test('refuses what goes round in a circle', () => {
  const circle: unknown[] = []
  circle.push(circle)
  expect(() => key(circle)).toThrow('nested too deeply')
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const pairs = Object.entries(value).map(([name, one]) => [name, sorted(one)] as const)
  return { pairs: pairs.sort(([a], [b]) => (a < b ? -1 : 1)) }
}
