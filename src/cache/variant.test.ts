import { expect, test } from 'vitest'
import type { RequestPart } from '../reads/index.ts'
import {
  isForSomebody,
  isPersonal,
  onlyParts,
  type PageRequest,
  partValue,
  variantKey,
  variantSpec,
} from './variant.ts'

function request(changes: Partial<PageRequest> = {}): PageRequest {
  return {
    method: 'GET',
    host: 'a.test',
    path: '/p',
    rawQuery: '',
    rawHeaders: [],
    cookie: undefined,
    address: '203.0.113.1',
    protocol: 'https',
    ...changes,
  }
}

test.each<[string, RequestPart, Partial<PageRequest>, Partial<PageRequest>]>([
  ['absent and empty', 'query:q', { rawQuery: 'q=' }, { rawQuery: '' }],
  ['absent and valueless', 'query:q', { rawQuery: 'q' }, { rawQuery: '' }],
  ['order', 'query:q', { rawQuery: 'q=1&q=2' }, { rawQuery: 'q=2&q=1' }],
  ['one and two', 'query:q', { rawQuery: 'q=1' }, { rawQuery: 'q=1&q=1' }],
  ['any query', 'query:*', { rawQuery: 'a=1' }, { rawQuery: 'a=2' }],
  ['cookie', 'cookie:s', { cookie: 's=1' }, { cookie: 's=2' }],
  ['no cookie and an empty one', 'cookie:s', { cookie: 's=' }, { cookie: undefined }],
  ['all cookies', 'cookie:*', { cookie: 'a=1' }, { cookie: 'a=1; b=2' }],
  ['header', 'header:accept', { rawHeaders: ['Accept', 'a'] }, { rawHeaders: [] }],
  ['joined and separate', 'header:x', { rawHeaders: ['X', 'a', 'x', 'b'] }, { rawHeaders: ['x', 'a, b'] }],
  ['any header', 'header:*', { rawHeaders: ['X', 'a'] }, { rawHeaders: ['X', 'b'] }],
  ['any header, by cookie', 'header:*', { cookie: 'a' }, { cookie: 'b' }],
  ['address', 'address', { address: '1.1.1.1' }, { address: '1.1.1.2' }],
  ['address by header', 'header:x-forwarded-for', { address: '1.1.1.1' }, { address: '1.1.1.2' }],
  ['protocol', 'protocol', { protocol: 'http' }, { protocol: 'https' }],
])('%s: %s differs', (_, part, one, other) => {
  expect(partValue(part, request(one))).not.toBe(partValue(part, request(other)))
})

test.each<[string, RequestPart, Partial<PageRequest>, Partial<PageRequest>]>([
  ['another parameter', 'query:q', { rawQuery: 'q=1&utm=2' }, { rawQuery: 'x=9&q=1' }],
  ['another cookie', 'cookie:s', { cookie: 's=1; t=2' }, { cookie: 'u=3; s=1' }],
  ['case of a name', 'header:x', { rawHeaders: ['X', 'a'] }, { rawHeaders: ['x', 'a'] }],
  [
    'a spoofed header the worker never sees',
    'header:x-forwarded-for',
    { rawHeaders: ['X-Forwarded-For', '6.6.6.6'] },
    {},
  ],
])('%s: %s is the same', (_, part, one, other) => {
  expect(partValue(part, request(one))).toBe(partValue(part, request(other)))
})

test('values can not run into each other', () => {
  const spec = variantSpec(['cookie:a', 'cookie:b'])
  expect(variantKey(spec, request({ cookie: 'a=1; b=' }))).not.toBe(
    variantKey(spec, request({ cookie: 'a=; b=1' })),
  )
  // Two occurrences of one header, and one of each of two.
  const headers = variantSpec(['header:x', 'header:y'])
  expect(variantKey(headers, request({ rawHeaders: ['x', '1', 'x', '2'] }))).not.toBe(
    variantKey(headers, request({ rawHeaders: ['x', '1', 'y', '2'] })),
  )
})

test('what read a cookie, an Authorization or all headers is personal', () => {
  expect(isPersonal(['query:q', 'header:accept-language', 'address'])).toBe(false)
  for (const part of ['cookie:s', 'cookie:*', 'header:authorization', 'header:cookie', 'header:*'] as const)
    expect(isPersonal([part])).toBe(true)
})

test('what only looked for a cookie or Authorization was made for nobody', () => {
  const anonymous = request({ cookie: 'theme=dark' })
  expect(isForSomebody(['cookie:session', 'header:authorization'], anonymous)).toBe(false)
  expect(onlyParts(['cookie:session'], anonymous).cookie).toBeUndefined()
  for (const part of ['cookie:theme', 'cookie:*', 'header:cookie', 'header:*'] as const)
    expect(isForSomebody([part], anonymous)).toBe(true)
  expect(isForSomebody(['cookie:session'], request({ cookie: 'session=' }))).toBe(true)
})

test('a request cut down to its recorded parts has the same variant', () => {
  const full = request({ rawQuery: 'utm=1&q=2&q=3&q=2', rawHeaders: ['Accept', 'x', 'User-Agent', 'y'] })
  const parts: RequestPart[] = ['query:q', 'header:accept', 'protocol']
  const cut = onlyParts(parts, full)
  expect(cut).toMatchObject({ rawQuery: 'q=2&q=3&q=2', rawHeaders: ['accept', 'x'], cookie: undefined })
  expect(variantKey(variantSpec(parts), cut)).toBe(variantKey(variantSpec(parts), full))
})
