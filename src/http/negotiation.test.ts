import { expect, test } from 'vitest'
import { isCompressible, negotiateEncoding } from './accept.ts'
import { parseCacheControl } from './cacheControl.ts'
import { formatCacheStatus } from './cacheStatus.ts'
import { matchesStrongly, noneMatches, strongETag } from './etag.ts'
import { connectionNames } from './hopByHop.ts'
import { parseRange } from './range.ts'

test.each<[string | undefined, string]>([
  [undefined, 'identity'],
  ['', 'identity'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['br;q=0.1, gzip;q=0.9', 'gzip'],
  ['br;q=0, gzip;q=0', 'identity'],
  ['*', 'br'],
  ['*;q=0.5, br;q=0', 'gzip'],
  ['identity', 'identity'],
  ['identity;q=0.2, gzip;q=0.1', 'identity'],
  ['deflate', 'identity'],
  ['*;q=0', 'identity'],
  ['br;q=bad', 'br'],
])('Accept-Encoding %j is answered with %s', (header, expected) =>
  expect(negotiateEncoding(header)).toBe(expected),
)

test.each<[string | undefined, boolean]>([
  ['text/html; charset=utf-8', true],
  ['application/problem+json', true],
  ['image/svg+xml', true],
  ['image/png', false],
  ['text/event-stream', false],
  ['application/zip', false],
  [undefined, false],
])('%s is worth compressing: %s', (type, expected) => expect(isCompressible(type)).toBe(expected))

test.each<[string, string, boolean]>([
  ['"a"', '"a"', true],
  ['W/"a"', '"a"', true],
  ['"b", "a"', '"a"', true],
  ['"b" , W/"a","c"', '"a"', true],
  ['*', '"a"', true],
  ['"b"', '"a"', false],
  ['a', '"a"', false],
  ['"a-br"', '"a"', false],
])('If-None-Match %s against %s: %s', (header, etag, expected) =>
  expect(noneMatches(header, etag)).toBe(expected),
)

test('If-Match compares strongly', () => {
  expect(matchesStrongly('"b", "a"', '"a"')).toBe(true)
  expect(matchesStrongly('W/"a"', '"a"')).toBe(false)
})

test('each coding has its own ETag', () => {
  expect(new Set((['identity', 'br', 'gzip'] as const).map(e => strongETag('x', e))).size).toBe(3)
})

test.each<[string, ReturnType<typeof parseRange>]>([
  ['bytes=0-4', { first: 0, last: 4 }],
  ['bytes=5-', { first: 5, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=-30', { first: 0, last: 9 }],
  ['bytes=8-99', { first: 8, last: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=5-2', undefined],
  ['bytes=0-1,3-4', undefined],
  ['lines=0-1', undefined],
  ['bytes=-', undefined],
])('Range %s of ten bytes', (header, expected) => expect(parseRange(header, 10)).toEqual(expected))

test('Cache-Control directives', () => {
  expect([...parseCacheControl('Private, max-age=60, no-cache="set-cookie, x"')]).toEqual([
    ['private', ''],
    ['max-age', '60'],
    ['no-cache', 'set-cookie, x'],
  ])
})

test.each<[Parameters<typeof formatCacheStatus>[1], string]>([
  [{ hit: true }, 'quintet; hit'],
  [{ fwd: 'uri-miss', stored: true }, 'quintet; fwd=uri-miss; stored'],
  [{ fwd: 'bypass', detail: 'a "b" é' }, 'quintet; fwd=bypass; detail="a \\"b\\" ?"'],
  [{ fwd: 'uri-miss', collapsed: true }, 'quintet; fwd=uri-miss; collapsed'],
])('Cache-Status %j', (status, expected) => expect(formatCacheStatus('quintet', status)).toBe(expected))

test('names listed by Connection are hop-by-hop as well', () => {
  expect(connectionNames('close, X-Secret').has('x-secret')).toBe(true)
  expect(connectionNames('keep-alive').has('x-secret')).toBe(false)
  expect(connectionNames(undefined).has('transfer-encoding')).toBe(true)
})
