import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import type { Change } from '../feed/index.ts'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import { recordHeader } from '../testing/fakeWorker.ts'

let t: EdgeUnderTest
afterEach(() => t.close())

const article = { table: 'public.a', equals: { id: ['1'] }, columns: null }
const edit: Change = {
  kind: 'update',
  table: 'public.a',
  old: { id: '1', title: 'x' },
  new: { id: '1', title: 'y' },
  changed: ['title'],
}

test('the second request is a hit, until a matching change is committed', async () => {
  t = await startEdge()
  t.worker.answer = t.page('old', { dependencies: [article] })
  expect((await t.fetch('/p')).cache).toBe('quintet; fwd=uri-miss; stored')
  const hit = await t.fetch('/p')
  expect(hit).toMatchObject({ status: 200, text: 'old', cache: 'quintet; hit' })
  expect(hit.headers).toMatchObject({ 'cache-control': 'no-cache', 'content-length': '3' })
  expect(hit.headers['quintet-record']).toBeUndefined()
  expect(t.worker.seen).toHaveLength(1)

  t.worker.answer = t.page('new', { dependencies: [article] })
  t.feed.commit([edit])
  await t.edge.refreshed()
  expect((await t.fetch('/p')).text).toBe('new')
})

test('a page that was hit is made again when it is purged, one that was not is left', async () => {
  t = await startEdge()
  t.worker.answer = t.page('old', {
    dependencies: [article],
    parts: ['query:page', 'header:accept-language'],
  })
  const french = { 'accept-language': 'fr' }
  await t.fetch('/hot?page=2&utm=1', { headers: french })
  await t.fetch('/hot?page=2&utm=2', { headers: french })
  await t.fetch('/cold')
  t.worker.answer = t.page('new', {
    dependencies: [article],
    parts: ['query:page', 'header:accept-language'],
  })
  t.feed.commit([edit])
  await t.edge.refreshed()
  expect(t.worker.seen.map(request => request.url)).toEqual(['/hot?page=2&utm=1', '/cold', '/hot?page=2'])
  expect(t.worker.seen[2]?.headers).toMatchObject({ host: 'a.test', 'accept-language': 'fr' })
  expect(await t.fetch('/hot?page=2', { headers: french })).toMatchObject({
    cache: 'quintet; hit',
    text: 'new',
  })
  expect((await t.fetch('/cold')).cache).toBe('quintet; fwd=uri-miss; stored')
  expect(t.edge.status().refreshed).toBe(1)
})

test('a page made again is compressed before it is asked for', async () => {
  t = await startEdge()
  const text = '<p>words</p>'.repeat(500)
  t.worker.answer = t.page(text, { dependencies: [article] })
  for (const _ of [1, 2]) await t.fetch('/p', { headers: { 'accept-encoding': 'br' } })
  const before = t.edge.status().pages.bytes
  t.feed.commit([edit])
  expect(t.edge.status().pages.bytes).toBe(0)
  await t.edge.refreshed()
  expect(t.edge.status().pages.bytes).toBe(before)
})

test("a personal page isn't made again without its person", async () => {
  t = await startEdge()
  t.worker.answer = t.page('Ann', { dependencies: [article], parts: ['cookie:session'] })
  const ann = { headers: { cookie: 'session=ann' } }
  await t.fetch('/', ann)
  await t.fetch('/', ann)
  t.feed.commit([edit])
  await t.edge.refreshed()
  expect(t.worker.seen).toHaveLength(1)
})

test('a page that looked for a session and found none is made again, with no cookie at all', async () => {
  t = await startEdge()
  t.worker.answer = t.page('hello', { dependencies: [article], parts: ['cookie:session'] })
  const nobody = { headers: { cookie: 'theme=dark' } }
  await t.fetch('/', nobody)
  await t.fetch('/', nobody)
  t.feed.commit([edit])
  await t.edge.refreshed()
  expect(t.worker.seen).toHaveLength(2)
  expect(t.worker.seen[1]?.headers).not.toHaveProperty('cookie')
})

test('a refresh made by a worker that is a moment behind is made again', async () => {
  t = await startEdge()
  t.worker.answer = t.page('old', { dependencies: [article] })
  await t.fetch('/p')
  await t.fetch('/p')
  const behind = recordHeader(t.feed, { dependencies: [article] })
  let tries = 0
  t.worker.answer = (request, response) => {
    if (tries++ === 0) response.setHeader('quintet-record', behind).end('stale')
    else t.page('new', { dependencies: [article] })(request, response)
  }
  t.feed.commit([edit])
  await t.edge.refreshed()
  expect(tries).toBe(2)
  expect(await t.fetch('/p')).toMatchObject({ cache: 'quintet; hit', text: 'new' })
})

test('a render that began before a commit is not stored, though it answers its own client', async () => {
  t = await startEdge()
  const held: ServerResponse[] = []
  const record = recordHeader(t.feed, { dependencies: [article] })
  t.worker.answer = (_, response) => void held.push(response.setHeader('quintet-record', record))
  const waiting = t.fetch('/p')
  await expect.poll(() => held.length).toBe(1)
  t.feed.commit([edit])
  held[0]?.end('old')
  expect(await waiting).toMatchObject({ text: 'old' })
  expect((await waiting).cache).toMatch(/^quintet; fwd=uri-miss; detail="What it read changed/)
  t.worker.answer = t.page('new', { dependencies: [article] })
  expect(await t.fetch('/p')).toMatchObject({ text: 'new', cache: 'quintet; fwd=uri-miss; stored' })
})

test('an unread query parameter makes no new entry; a read one does', async () => {
  t = await startEdge()
  t.worker.answer = t.page('list', { parts: ['query:page'] })
  await t.fetch('/list?page=1&utm_source=a')
  expect((await t.fetch('/list?utm_source=b&page=1&cb=77')).cache).toBe('quintet; hit')
  expect((await t.fetch('/list?page=2')).cache).toBe('quintet; fwd=vary-miss; stored')
  expect(t.edge.status().pages.entries).toBe(2)
})

test("log-in and log-out never show another's page", async () => {
  t = await startEdge()
  t.worker.answer = (request, response) => {
    const who = /session=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? 'nobody'
    const session = { table: 'public.session', equals: { token: [who] }, columns: null }
    t.page(`for ${who}`, { parts: ['cookie:session'], dependencies: [session] })(request, response)
  }
  const as = (cookie?: string) => t.fetch('/', { headers: cookie ? { cookie } : {} })
  for (const _ of [1, 2]) {
    expect((await as()).text).toBe('for nobody')
    expect((await as('session=ann')).text).toBe('for ann')
    expect((await as('session=bob; theme=dark')).text).toBe('for bob')
  }
  expect(t.worker.seen).toHaveLength(3)
  expect((await as('session=ann')).headers).toMatchObject({
    'cache-control': 'private, no-cache',
    vary: 'Cookie',
  })
  // The log-out deletes the session's row: its pages go, the others stay.
  t.feed.commit([{ kind: 'delete', table: 'public.session', old: { token: 'ann' } }])
  expect((await as('session=ann')).cache).toBe('quintet; fwd=vary-miss; stored')
  expect((await as('session=bob')).cache).toBe('quintet; hit')
})

test('while the feed is not fresh, nothing is served, stored or joined; then entries serve again', async () => {
  t = await startEdge()
  t.worker.answer = t.page('hello', { dependencies: [article] })
  await t.fetch('/p')
  t.feed.setFresh(false)
  expect((await t.fetch('/p')).cache).toMatch(/^quintet; fwd=bypass; detail="feed is not fresh"/)
  await t.fetch('/q')
  expect(t.edge.status().pages.entries).toBe(1)
  t.feed.setFresh(true)
  expect((await t.fetch('/p')).cache).toBe('quintet; hit')
  expect((await t.fetch('/q')).cache).toBe('quintet; fwd=uri-miss; stored')
})

test("onFeedLoss: 'serve' serves what there is, and stores nothing", async () => {
  t = await startEdge({ pages: { onFeedLoss: 'serve' } })
  await t.fetch('/p')
  t.feed.setFresh(false)
  expect((await t.fetch('/p')).cache).toBe('quintet; hit')
  await t.fetch('/q')
  expect(t.edge.status().pages.entries).toBe(1)
})

test("pages: { engine: 'none' } stores nothing", async () => {
  t = await startEdge({ pages: { engine: 'none' } })
  await t.fetch('/p')
  expect((await t.fetch('/p')).cache).toBe('quintet; fwd=uri-miss; detail="The page cache is off."')
})

test('requests for the same page wait for one render, those of others do not', async () => {
  t = await startEdge()
  const held: ServerResponse[] = []
  t.worker.answer = (_, response) => void held.push(response)
  const same = [t.fetch('/p'), t.fetch('/p'), t.fetch('/p')]
  const other = t.fetch('/p', { headers: { cookie: 'session=ann' } })
  await expect.poll(() => held.length).toBe(2)
  await expect.poll(() => t.edge.status().requests).toBe(4)
  for (const response of held)
    response.setHeader('quintet-record', recordHeader(t.feed, { parts: ['cookie:session'] })).end('x')
  const answers = await Promise.all(same)
  await other
  expect(answers.map(answer => answer.cache).sort()).toEqual([
    'quintet; fwd=uri-miss; collapsed',
    'quintet; fwd=uri-miss; collapsed',
    'quintet; fwd=uri-miss; stored',
  ])
  expect(t.worker.seen).toHaveLength(2)
})

test('once a page is known, visitors whose differences it never read share a render', async () => {
  t = await startEdge()
  t.worker.answer = t.page('old', { dependencies: [article], parts: ['cookie:session'] })
  await t.fetch('/p')
  t.feed.commit([edit])
  const held: ServerResponse[] = []
  t.worker.answer = (_, response) => void held.push(response)
  const visitors = ['_ga=1', '_ga=2', 'theme=dark'].map(cookie =>
    t.fetch('/p?utm=1', { headers: { cookie } }),
  )
  await expect.poll(() => t.edge.status().requests).toBe(4)
  await expect.poll(() => held.length).toBe(1)
  const record = recordHeader(t.feed, { dependencies: [article], parts: ['cookie:session'] })
  held[0]?.setHeader('quintet-record', record).end('new')
  expect((await Promise.all(visitors)).map(answer => answer.text)).toEqual(['new', 'new', 'new'])
  expect(t.worker.seen).toHaveLength(2)
  expect(t.edge.status().collapsed).toBe(2)
})

test('a waiter whose recorded part differs, or whose render was refused, makes its own', async () => {
  t = await startEdge()
  const held: ServerResponse[] = []
  t.worker.answer = (request, response) => {
    response.setHeader('quintet-record', recordHeader(t.feed, { parts: ['header:accept-language'] }))
    if (held.push(response) > 1) response.end(`in ${request.headers['accept-language']}`)
  }
  const first = t.fetch('/p', { headers: { 'accept-language': 'fr' } })
  await expect.poll(() => held.length).toBe(1)
  const second = t.fetch('/p', { headers: { 'accept-language': 'en' } })
  await expect.poll(() => t.edge.status().requests).toBe(2)
  held[0]?.end('in fr')
  expect((await first).text).toBe('in fr')
  expect((await second).text).toBe('in en')

  held.length = 0
  t.worker.answer = (_, response) => {
    response.setHeader('quintet-record', recordHeader(t.feed, { vetoes: ['random()'] }))
    if (held.push(response) > 1) response.end('mine')
  }
  const refused = t.fetch('/r')
  await expect.poll(() => held.length).toBe(1)
  const waiter = t.fetch('/r')
  await expect.poll(() => t.edge.status().requests).toBe(4)
  held[0]?.end('theirs')
  expect((await refused).text).toBe('theirs')
  expect((await waiter).text).toBe('mine')
})

test('an answer that sets a cookie goes to its initiator alone', async () => {
  t = await startEdge()
  t.worker.answer = t.page('hello', {}, { 'set-cookie': ['a=1', 'b=2'] })
  const answer = await t.fetch('/p')
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(answer.headers['cache-control']).toBe('private, no-cache')
  expect((await t.fetch('/p')).cache).toMatch(/^quintet; fwd=uri-miss; detail="It sets a cookie/)
})

test('conditional requests, HEAD and ranges are answered from the store', async () => {
  t = await startEdge()
  t.worker.answer = t.page('0123456789', {}, { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' })
  const etag = String((await t.fetch('/p')).headers.etag)
  const conditional = (headers: Record<string, string>, method = 'GET') => t.fetch('/p', { headers, method })

  expect(await conditional({ 'if-none-match': `W/${etag}` })).toMatchObject({ status: 304, text: '' })
  expect((await conditional({ 'if-none-match': '"other"' })).status).toBe(200)
  expect((await conditional({ 'if-modified-since': 'Mon, 01 Jan 2029 00:00:00 GMT' })).status).toBe(200)
  expect((await conditional({ 'if-match': '"other"' })).status).toBe(412)

  const head = await conditional({}, 'HEAD')
  expect(head).toMatchObject({ status: 200, text: '', cache: 'quintet; hit' })
  expect(head.headers['content-length']).toBe('10')

  const part = await conditional({ range: 'bytes=2-4', 'if-range': etag })
  expect(part).toMatchObject({ status: 206, text: '234' })
  expect(part.headers).toMatchObject({ 'content-range': 'bytes 2-4/10', 'content-length': '3' })
  expect((await conditional({ range: 'bytes=2-4', 'if-range': '"other"' })).status).toBe(200)
  const beyond = await conditional({ range: 'bytes=10-' })
  expect(beyond.status).toBe(416)
  expect(beyond.headers['content-range']).toBe('bytes */10')
  expect(t.worker.seen).toHaveLength(1)
})

test('a miss with a condition still gets the whole page from the worker', async () => {
  t = await startEdge()
  const answer = await t.fetch('/p', {
    headers: { 'if-none-match': '"x"', range: 'bytes=0-1', 'accept-encoding': 'br' },
  })
  expect(answer).toMatchObject({ status: 206, text: 'he' })
  for (const name of ['if-none-match', 'range', 'accept-encoding'])
    expect(t.worker.seen[0]?.headers[name]).toBeUndefined()
  expect((await t.fetch('/p')).text).toBe('hello')
})

test('an answer that sets a cookie is never cut short: no 304, 412 or 206 loses it', async () => {
  t = await startEdge()
  t.worker.answer = t.page('hello', { vetoes: ['sets a cookie'] }, { 'set-cookie': 'session=new' })
  const first = await t.fetch('/p')
  expect(first.headers.etag).toBeUndefined()
  expect(first.headers['accept-ranges']).toBeUndefined()
  const without = t.page('hello')
  const answer = t.worker.answer
  t.worker.answer = without
  const etag = String((await t.fetch('/q')).headers.etag)
  t.worker.answer = answer
  for (const headers of [
    { 'if-none-match': '*' },
    { 'if-none-match': etag },
    { 'if-match': '"other"' },
    { range: 'bytes=1-2' },
  ])
    expect(await t.fetch('/p', { headers })).toMatchObject({
      status: 200,
      text: 'hello',
      headers: { 'set-cookie': ['session=new'] },
    })
})

test('a header that changes alone makes another ETag, one that tells of the render does not', async () => {
  t = await startEdge()
  const etagWith = async (headers: Record<string, string>): Promise<unknown> => {
    t.worker.answer = t.page('hello', { vetoes: ['never stored'] }, headers)
    return (await t.fetch('/p')).headers.etag
  }
  const plain = await etagWith({})
  expect(await etagWith({ 'content-security-policy': "default-src 'self'" })).not.toBe(plain)
  expect(await etagWith({ 'content-type': 'text/plain' })).not.toBe(plain)
  expect(await etagWith({ 'server-timing': 'db;dur=1' })).toBe(plain)
})

test('one odd request that is refused for good turns off waiting for its like only', async () => {
  t = await startEdge()
  t.worker.answer = t.page('no', { parts: ['query:bad'] }, {}, 422)
  await t.fetch('/p?bad=1')
  const held: (() => void)[] = []
  t.worker.answer = (request, response) => {
    held.push(() => t.page('yes', { parts: ['query:bad'] })(request, response))
  }
  const all = Array.from({ length: 5 }, () => t.fetch('/p'))
  await expect.poll(() => t.edge.status().requests).toBe(6)
  await expect.poll(() => held.length).toBe(1)
  for (const release of held) release()
  expect((await Promise.all(all)).map(answer => answer.text)).toEqual(Array(5).fill('yes'))
  expect(t.worker.seen).toHaveLength(2)
})

test('a 404 is stored and never answered with a 304', async () => {
  t = await startEdge()
  t.worker.answer = t.page('none', {}, {}, 404)
  const etag = String((await t.fetch('/gone')).headers.etag)
  expect(await t.fetch('/gone', { headers: { 'if-none-match': etag } })).toMatchObject({
    status: 404,
    cache: 'quintet; hit',
  })
})

test('each client gets the coding it prefers, with its own ETag', async () => {
  t = await startEdge()
  const text = '<p>words</p>'.repeat(500)
  t.worker.answer = t.page(text)
  const by = (coding: string) => t.fetch('/p', { headers: { 'accept-encoding': coding } })
  const [br, gzip, plain] = [await by('gzip, br'), await by('gzip'), await by('')]
  expect(br.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' })
  expect(brotliDecompressSync(br.body).toString()).toBe(text)
  expect(gunzipSync(gzip.body).toString()).toBe(text)
  expect(plain.text).toBe(text)
  expect(new Set([br, gzip, plain].map(answer => answer.headers.etag)).size).toBe(3)
  expect(
    (await t.fetch('/p', { headers: { 'accept-encoding': 'br', 'if-none-match': br.headers.etag } })).status,
  ).toBe(304)
  expect(
    (await t.fetch('/p', { headers: { 'accept-encoding': 'gzip', 'if-none-match': br.headers.etag } }))
      .status,
  ).toBe(200)
})

test('a body over the limit is streamed whole and not stored, whether its length was said or not', async () => {
  t = await startEdge()
  for (const said of [{ 'content-length': 150_000 }, {}]) {
    t.worker.answer = t.page('x'.repeat(150_000), {}, said)
    const answer = await t.fetch('/large')
    expect(answer.text).toHaveLength(150_000)
    expect(answer.cache).toContain('detail="size"')
  }
  expect(t.edge.status().pages.entries).toBe(0)
})

test('an answer without a record, or with a broken one, is passed through', async () => {
  t = await startEdge()
  for (const header of [undefined, 'nonsense', '{"build":"b1"}']) {
    t.worker.answer = (_, response) => {
      if (header) response.setHeader('quintet-record', header)
      response.end('plain')
    }
    const answer = await t.fetch('/p')
    expect(answer).toMatchObject({ text: 'plain', cache: 'quintet; fwd=uri-miss; detail="no-record"' })
    expect(answer.headers['cache-control']).toBe('no-cache')
  }
})

test('an event stream reaches the client as it is written', async () => {
  t = await startEdge()
  let upstream: ServerResponse | undefined
  t.worker.answer = (_, response) => {
    upstream = response
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
  }
  const { request } = await import('node:http')
  const sent = request({ host: '127.0.0.1', port: t.httpPort, path: '/events' }).end()
  const [response] = await once(sent, 'response')
  const [chunk] = await once(response, 'data')
  expect(String(chunk)).toBe('data: 1\n\n')
  upstream?.end()
  response.resume()
  await once(response, 'end')
})
