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
