import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, test, vi } from 'vitest'
import { formatPosition } from '../data/index.ts'
import type { Change } from '../feed/index.ts'
import type { ReadRecord } from '../reads/index.ts'
import { createFakeFeed } from '../testing/fakeFeed.ts'
import { createPageStore, type Fill, type PageStoreOptions } from './pageStore.ts'
import type { PageResponse } from './representation.ts'
import type { PageRequest } from './variant.ts'

const page = (changes: Partial<PageRequest> = {}): PageRequest => ({
  method: 'GET',
  host: 'a.test',
  path: '/p',
  rawQuery: '',
  rawHeaders: [],
  cookie: undefined,
  address: '203.0.113.1',
  protocol: 'https',
  ...changes,
})

const html = (body = 'hello', changes: Partial<PageResponse> = {}): PageResponse => ({
  status: 200,
  headers: ['Content-Type', 'text/html; charset=utf-8'],
  body: Buffer.from(body),
  ...changes,
})

const article = (id: string) => ({ table: 'public.a', equals: { id: [id] }, columns: ['id', 'title'] })

function retitle(id: string): Change {
  return {
    kind: 'update',
    table: 'public.a',
    old: { id, title: 'x', views: '1' },
    new: { id, title: 'y', views: '1' },
    changed: ['title'],
  }
}

function setUp(options: Partial<PageStoreOptions> = {}) {
  const feed = createFakeFeed()
  const time = { ms: 1_000_000 }
  const clock = { now: () => time.ms, monotonic: () => time.ms }
  const store = createPageStore({ maxBytes: 1_000_000, maxEntryBytes: 10_000, feed, clock, ...options })
  const record = (changes: Partial<ReadRecord> = {}): ReadRecord => ({
    build: 'b1',
    position: feed.position && formatPosition(feed.position),
    parts: [],
    dependencies: [article('1')],
    vetoes: [],
    wrote: null,
    endsAt: null,
    ...changes,
  })
  return { feed, time, store, record }
}

const kind = (fill: Fill): string => (fill.stored ? 'stored' : fill.reason.kind)

test('what was stored is found until a matching change is committed', () => {
  const { feed, store, record } = setUp()
  expect(kind(store.fill(page(), html(), record()))).toBe('stored')
  expect(store.lookup(page())?.response.body.toString()).toBe('hello')
  feed.commit([retitle('2')])
  feed.commit([{ ...retitle('1'), changed: ['views'] } as Change])
  expect(store.lookup(page())).toBeDefined()
  const transaction = feed.commit([retitle('1')])
  expect(store.lookup(page())).toBeUndefined()
  expect(store.lastPurge(page())).toMatchObject({ table: 'public.a', kind: 'update', xid: transaction.xid })
  expect(store.stats()).toMatchObject({ entries: 0, bytes: 0, purged: 1, hits: 2, misses: 1 })
})

test('a fill that began before a matching commit is not stored, one that began after is', () => {
  const { feed, store, record } = setUp()
  const before = record()
  feed.commit([retitle('1')])
  expect(kind(store.fill(page(), html('old'), before))).toBe('changed')
  expect(store.lookup(page())).toBeUndefined()
  expect(store.lastRefusal(page())?.kind).toBe('changed')
  expect(kind(store.fill(page(), html('new'), record()))).toBe('stored')
})

test('a fill that began before a commit that does not match is stored', () => {
  const { feed, store, record } = setUp()
  const before = record()
  feed.commit([retitle('2')])
  expect(kind(store.fill(page(), html(), before))).toBe('stored')
})

test('a worker ahead of this feed fills what the commit in between does not purge', () => {
  const { feed, store, record } = setUp()
  store.fill(page(), html(), record({ position: formatPosition(feed.ahead()) }))
  feed.commit([retitle('1')])
  expect(store.lookup(page())).toBeDefined()
  feed.commit([retitle('1')])
  expect(store.lookup(page())).toBeUndefined()
})

test('DDL, TRUNCATE and a new epoch purge', () => {
  for (const change of [
    { kind: 'everything', reason: 'ALTER TABLE' },
    { kind: 'table', table: 'public.a' },
  ] as const) {
    const { feed, store, record } = setUp()
    store.fill(page(), html(), record())
    feed.commit([change])
    expect(store.lookup(page())).toBeUndefined()
  }
  const { feed, store, record } = setUp()
  store.fill(page(), html(), record())
  feed.reset('e2')
  expect(store.stats().entries).toBe(0)
})

test.each<[string, string, Partial<ReadRecord>, Partial<PageResponse>, Partial<PageRequest>]>([
  ['a veto', 'veto', { vetoes: ['random()'] }, {}, {}],
  ['a write', 'wrote', { wrote: '0/200' }, {}, {}],
  ['no position', 'feed', { position: null }, {}, {}],
  ['another epoch', 'feed', { position: 'e0:0/100' }, {}, {}],
  ['a forgotten position', 'forgotten', { position: 'e1:0/1' }, {}, {}],
  ['an ended session', 'ended', { endsAt: 999_999 }, {}, {}],
  ['a cookie', 'set-cookie', {}, { headers: ['Set-Cookie', 'a=1'] }, {}],
  ['no-store', 'cache-control', {}, { headers: ['cache-control', 'no-store'] }, {}],
  ['private', 'cache-control', {}, { headers: ['Cache-Control', 'private, max-age=1'] }, {}],
  ['Vary: *', 'vary', {}, { headers: ['Vary', '*'] }, {}],
  ['a server error', 'status', {}, { status: 500 }, {}],
  ['an unauthorised answer', 'status', {}, { status: 401 }, {}],
  ['a partial answer', 'status', {}, { status: 206 }, {}],
  ['too large a body', 'size', {}, { body: Buffer.alloc(10_001) }, {}],
  ['another method', 'method', {}, {}, { method: 'POST' }],
  ['HEAD, which has no body', 'method', {}, {}, { method: 'HEAD' }],
])('%s is not stored', (_, expected, ofRecord, ofResponse, ofRequest) => {
  const { store, record } = setUp()
  const request = page(ofRequest)
  expect(kind(store.fill(request, html('x', ofResponse), record(ofRecord)))).toBe(expected)
  expect(store.stats()).toMatchObject({ entries: 0, refused: 1 })
})

test('nothing is stored without a record, while the feed is not fresh, or with the cache off', () => {
  const { feed, store, record } = setUp()
  expect(kind(store.fill(page(), html(), undefined))).toBe('no-record')
  feed.setFresh(false)
  expect(kind(store.fill(page(), html(), record()))).toBe('feed')
  const off = setUp({ maxBytes: 0 })
  expect(kind(off.store.fill(page(), html(), off.record()))).toBe('disabled')
})

test.each([301, 302, 303, 307, 308, 404, 410])('status %i is stored', status => {
  const { store, record } = setUp()
  expect(kind(store.fill(page(), html('x', { status }), record()))).toBe('stored')
})

test('a query parameter nobody read makes no new entry', () => {
  const { store, record } = setUp()
  store.fill(page({ rawQuery: 'utm_source=x&page=2' }), html(), record({ parts: ['query:page'] }))
  expect(store.lookup(page({ rawQuery: 'page=2&utm_source=y' }))).toBeDefined()
  expect(store.lookup(page({ rawQuery: 'page=3' }))).toBeUndefined()
  expect(store.knows(page())).toBe(true)
})

test('without a session, and each session, has its own entry', () => {
  const { feed, store, record } = setUp()
  const parts = ['cookie:session'] as const
  const asUser = (cookie?: string) => page({ cookie })
  store.fill(asUser(), html('sign in'), record({ parts }))
  store.fill(
    asUser('session=ann'),
    html('Ann'),
    record({ parts, dependencies: [article('1'), article('2')] }),
  )
  expect(store.lookup(asUser('session=bob'))).toBeUndefined()
  expect(store.lookup(asUser('theme=dark; session=ann'))?.response.body.toString()).toBe('Ann')
  expect(store.lookup(asUser())?.response.body.toString()).toBe('sign in')
  feed.commit([{ kind: 'delete', table: 'public.a', old: { id: '2', title: 'x' } }])
  expect(store.lookup(asUser('session=ann'))).toBeUndefined()
  expect(store.lookup(asUser())).toBeDefined()
})

test('the only entry of a page is for nobody but those it was made for', () => {
  const { store, record } = setUp()
  store.fill(page({ cookie: 'session=ann' }), html('Ann'), record({ parts: ['cookie:session'] }))
  expect(store.lookup(page({ cookie: 'session=bob' }))).toBeUndefined()
  expect(store.lookup(page())).toBeUndefined()
  expect(store.lookup(page({ cookie: 'session=ann' }))).toBeDefined()
})

test("what the app's Vary names counts as looked at", () => {
  const { store, record } = setUp()
  const french = page({ rawHeaders: ['Accept-Language', 'fr'] })
  store.fill(french, html('bonjour', { headers: ['Vary', 'Accept-Language, Accept-Encoding'] }), record())
  expect(store.lookup(french)).toBeDefined()
  expect(store.lookup(page({ rawHeaders: ['Accept-Language', 'en'] }))).toBeUndefined()
})

test('sets of parts beyond the limit push out the oldest, index and bytes included', () => {
  const { store, record } = setUp()
  for (let n = 0; n < 20; n++) {
    const request = page({ rawQuery: `q${n}=1` })
    store.fill(request, html(), record({ parts: [`query:q${n}`] }))
  }
  expect(store.stats().entries).toBe(16)
  expect(store.lookup(page({ rawQuery: 'q19=1&q0=2' }))).toBeDefined()
})

test('an entry ends with its session', () => {
  const { time, store, record } = setUp()
  store.fill(page(), html(), record({ endsAt: time.ms + 10 }))
  expect(store.lookup(page())).toBeDefined()
  time.ms += 10
  expect(store.lookup(page())).toBeUndefined()
  expect(store.stats().entries).toBe(0)
})

test('a new build drops everything; the old one may only come back after a while', () => {
  const { time, store, record } = setUp()
  store.fill(page(), html(), record())
  store.fill(page({ path: '/q' }), html(), record({ build: 'b2' }))
  expect(store.lookup(page())).toBeUndefined()
  expect(kind(store.fill(page(), html(), record()))).toBe('build')
  expect(store.lookup(page({ path: '/q' }))).toBeDefined()
  time.ms += 30_000
  expect(kind(store.fill(page(), html(), record()))).toBe('stored')
  expect(store.lookup(page({ path: '/q' }))).toBeUndefined()
})

test('the least recently used go first when the bytes are full', () => {
  const { feed, store, record } = setUp({ maxBytes: 12_000 })
  const at = (n: number) => page({ path: `/${n}` })
  for (let n = 0; n < 3; n++) store.fill(at(n), html('x'.repeat(2_000)), record())
  store.lookup(at(0))
  store.fill(at(3), html('x'.repeat(2_000)), record())
  expect([0, 1, 2, 3].map(n => store.lookup(at(n)) !== undefined)).toEqual([true, false, true, true])
  expect(store.stats()).toMatchObject({ evicted: 1, entries: 3 })
  feed.commit([retitle('1')])
  expect(store.stats()).toMatchObject({ entries: 0, bytes: 0 })
})

test('each coding is compressed once, has its own ETag, and counts in bytes', async () => {
  const { store, record } = setUp()
  const text = 'words '.repeat(1_000)
  store.fill(page(), html(text), record())
  const entry = store.lookup(page())
  if (!entry) throw new Error('not stored')
  const before = store.stats().bytes
  const [one, two] = [entry.pages.get('br'), entry.pages.get('br')]
  expect(one).toBe(two)
  const br = await one
  const gzip = await entry.pages.get('gzip')
  expect(brotliDecompressSync(br.body).toString()).toBe(text)
  expect(gunzipSync(gzip.body).toString()).toBe(text)
  expect(entry.pages.get('br')).toBe(br)
  expect(new Set([br.etag, gzip.etag, entry.pages.identity.etag]).size).toBe(3)
  expect(store.stats().bytes).toBe(before + br.body.length + gzip.body.length)
})

test('an entry purged while it is being compressed does not come back', async () => {
  const { feed, store, record } = setUp()
  store.fill(page(), html('words '.repeat(1_000)), record())
  const compressing = store.lookup(page())?.pages.get('br')
  feed.commit([retitle('1')])
  await compressing
  expect(store.stats()).toMatchObject({ entries: 0, bytes: 0 })
})

test('a purged entry is handed on with the request that makes it again', () => {
  const onPurged = vi.fn()
  const { feed, store, record } = setUp({ onPurged })
  store.fill(page({ rawQuery: 'page=2&utm=1' }), html(), record({ parts: ['query:page'] }))
  store.lookup(page({ rawQuery: 'page=2' }))
  feed.commit([retitle('1')])
  expect(onPurged).toHaveBeenCalledTimes(1)
  expect(onPurged.mock.calls[0]?.[0]).toMatchObject({ hits: 1, request: { rawQuery: 'page=2' } })
})

test.each<[string, string[], string, string[]]>([
  ['a page', [], 'no-cache', []],
  ['a personal page', [], 'private, no-cache', ['cookie:s']],
  ["an app's time to live is not passed on", ['Cache-Control', 'public, max-age=60'], 'no-cache', []],
  [
    'an immutable asset',
    ['Cache-Control', 'public, max-age=9, immutable'],
    'public, max-age=9, immutable',
    [],
  ],
])('%s goes to browsers as it should', (_, headers, expected, parts) => {
  const { store, record } = setUp()
  store.fill(
    page(),
    html('x', { headers: [...headers, 'Last-Modified', 'yesterday'] }),
    record({ parts: parts as [] }),
  )
  const sent = store.lookup(page())?.pages.identity.headers ?? []
  expect(sent[sent.indexOf('cache-control') + 1]).toBe(expected)
  expect(sent).not.toContain('Last-Modified')
})

test('the bytes of a page count whatever a client may have made long', () => {
  const { store, record } = setUp()
  const long = 'x'.repeat(5_000)
  const bytesOf = (request: PageRequest, parts: ReadRecord['parts'], response = html()): number => {
    store.drop('')
    store.fill(request, response, record({ parts }))
    return store.stats().bytes
  }
  const usual = bytesOf(page(), ['header:accept', 'query:q', 'cookie:s'])
  const parts = ['header:accept', 'query:q', 'cookie:s'] as const
  // The path is kept in the name of the page, too.
  expect(bytesOf(page({ path: `/${long}` }), parts)).toBeGreaterThan(usual + 10_000)
  expect(bytesOf(page({ rawHeaders: ['accept', long] }), parts)).toBeGreaterThan(usual + 5_000)
  expect(bytesOf(page({ rawQuery: `q=${long}` }), parts)).toBeGreaterThan(usual + 5_000)
  expect(bytesOf(page({ cookie: `s=${long}` }), parts)).toBeGreaterThan(usual + 5_000)
  const policy = html('hello', { headers: ['content-security-policy', long] })
  expect(bytesOf(page(), parts, policy)).toBeGreaterThan(usual + 9_900)
  store.close()
})

test('a long variant is kept as its hash, and told from any other', () => {
  const { store, record } = setUp()
  const request = (end: string) => page({ rawHeaders: ['accept', 'x'.repeat(5_000) + end] })
  const fill = store.fill(request('a'), html('a'), record({ parts: ['header:accept'] }))
  expect(fill.stored && fill.entry.variant.length).toBeLessThan(64)
  store.fill(request('b'), html('b'), record({ parts: ['header:accept'] }))
  expect(store.lookup(request('a'))?.response.body.toString()).toBe('a')
  expect(store.lookup(request('b'))?.response.body.toString()).toBe('b')
  expect(store.lookup(request('c'))).toBeUndefined()
  store.close()
})

test('a stored body keeps no more alive than itself', () => {
  const { store, record } = setUp()
  const read = Buffer.alloc(65_536, 'x')
  const fill = store.fill(page(), html('', { body: read.subarray(100, 200) }), record())
  expect(fill.stored && fill.entry.response.body.buffer.byteLength).toBe(100)
  expect(store.lookup(page())?.pages.identity.body.buffer.byteLength).toBe(100)
  expect(store.lookup(page())?.pages.identity.body.toString()).toBe('x'.repeat(100))
  store.close()
})
