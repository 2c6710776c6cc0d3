import { array, assert, constantFrom, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { cookieValues, headerValues, queryValues, withoutCookie } from './occurrences.ts'

test.each<[string, string, string[]]>([
  ['', 'a', []],
  ['a=1', 'a', ['a=1']],
  ['a=1&b=2&a=3', 'a', ['a=1', 'a=3']],
  ['a', 'a', ['a']],
  ['a=', 'a', ['a=']],
  ['%61=1', 'a', ['%61=1']],
  ['a+b=1&a%20b=2', 'a b', ['a+b=1', 'a%20b=2']],
  ['aa=1', 'a', []],
  ['%zz=1', 'a', ['%zz=1']],
  ['utm_source=x', 'page', []],
])('the query %j has %j as %j', (query, name, expected) => expect(queryValues(query, name)).toEqual(expected))

test("parameters that look equal here are equal to the app's reader, URLSearchParams", () => {
  const word = constantFrom(
    'a',
    'b',
    '%61',
    '%',
    '%6',
    '%zz',
    '%ff',
    '%c3%a9',
    '%C3',
    '+',
    '%20',
    '=',
    '&',
    '?',
    '%2B',
  )
  const query = oneof(
    array(word, { maxLength: 8 }).map(words => words.join('')),
    string({ unit: 'grapheme-ascii', maxLength: 12 }).map(text => text.replace(/[^\x21-\x7e]|#/g, '')),
  )
  const name = oneof(
    constantFrom('a', 'b', 'ab', '?a', 'é', ' ', '', '%', '%zz', '\ufffd', '+', '?'),
    string(),
  )
  assert(
    property(query, query, name, (one, other, name) => {
      const same = (raw: string) => new URLSearchParams(`?${raw}`).getAll(name)
      // What belongs to no one name is there for all of them; the values themselves must be equal then.
      const seen = same(one)
      for (const value of seen)
        expect(queryValues(one, name).some(raw => decodedValue(raw) === value)).toBe(true)
      if (queryValues(one, name).join('&') === queryValues(other, name).join('&'))
        expect(same(other)).toEqual(seen)
    }),
    { numRuns: 3_000 },
  )
})

function decodedValue(pair: string): string {
  return (
    new URLSearchParams(`?x=${pair.includes('=') ? pair.slice(pair.indexOf('=') + 1) : ''}`).get('x') ?? ''
  )
}

test('a malformed query is decoded without anything that throws', () => {
  const query = '%&%ff&'.repeat(1_500)
  let calls = 0
  const { decodeURIComponent: decode } = globalThis
  globalThis.decodeURIComponent = text => {
    calls++
    return decode(text)
  }
  try {
    expect(queryValues(query, 'page')).toHaveLength(3_000)
    expect(calls).toBe(0)
  } finally {
    globalThis.decodeURIComponent = decode
  }
})

test.each<[string | undefined, string, string[]]>([
  [undefined, 'a', []],
  ['a=1', 'a', ['1']],
  ['a=1; b=2; a=3', 'a', ['1', '3']],
  ['ab=1', 'a', []],
  ['a="x;y"', 'a', ['"x']],
  ['A=1', 'a', []],
  ['a', 'a', []],
])('the cookies %j have %j as %j', (header, name, expected) =>
  expect(cookieValues(header, name)).toEqual(expected),
)

test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ['a=1', 'a=1'],
  ['p=1', undefined],
  ['a=1; p=2; b=3', 'a=1; b=3'],
  ['p=2; b=3', 'b=3'],
  ['xp=2', 'xp=2'],
])('the cookies %j without p are %j', (header, expected) => expect(withoutCookie(header, 'p')).toBe(expected))

test('a header is found in any case, every occurrence in order', () => {
  expect(headerValues(['Accept', 'a', 'x', 'y', 'ACCEPT', 'b'], 'accept')).toEqual(['a', 'b'])
})
