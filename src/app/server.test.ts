import { afterAll, beforeAll, expect, test } from 'vitest'
import { blog } from './fixtures/blog.tsx'
import { form, recordOf, type Served, serveApp } from './fixtures/serve.ts'

let served: Served
beforeAll(async () => {
  served = await serveApp(blog)
})
afterAll(() => served.close())

const get = (url: string, headers: Record<string, string> = {}) => served.server.inject({ url, headers })

test('a page is rendered in its layout, escaped, with its assets', async () => {
  const response = await get('/posts/two')
  expect(response.statusCode).toBe(200)
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(response.body).toMatch(/^<!doctype html><html lang="en">/)
  expect(response.body).toContain('<h1>Second &lt;b></h1>')
  expect(response.body).toMatch(/href="\/assets\/style\.[0-9a-f]{10}\.css"/)
})

test('its record names the rows it read, and nothing keeps it from being stored', async () => {
  const record = recordOf(await get('/posts/one?utm_source=x'))
  expect(record).toMatchObject({ build: 'b1', position: 'e1:0/100', vetoes: [], wrote: null, endsAt: null })
  expect(record.parts).toEqual(['protocol'])
  expect(record.dependencies).toEqual([
    expect.objectContaining({ table: 'public.posts', equals: { slug: ['one'] } }),
  ])
})

test('a row that is missing is a read too: the 404 depends on it', async () => {
  const response = await get('/posts/none')
  expect(response.statusCode).toBe(404)
  const record = recordOf(response)
  expect(record.vetoes).toEqual([])
  expect(record.dependencies).toMatchObject([{ table: 'public.posts', equals: { slug: ['none'] } }])
})

test.each([
  ['/?page=2', ['protocol', 'query:page']],
  ['/who', ['address', 'cookie:theme', 'header:accept-language', 'protocol']],
  ['/nowhere', ['header:accept', 'protocol']],
  ['/me', ['cookie:session', 'protocol']],
  ['/api/posts', ['protocol', 'query:limit', 'query:tag']],
  ['/api/strict', ['protocol', 'query:*']],
  ['/api/user', ['cookie:session', 'header:authorization', 'protocol']],
])('%s records the parts that it looked at', async (url, parts) => {
  expect(recordOf(await get(url)).parts).toEqual(parts)
})

test('a context reads what the client sent, through the edge', async () => {
  const response = await get('/who', {
    'accept-language': 'de',
    cookie: 'theme=dark%20blue',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'blog.example',
  })
  expect(response.body).toContain('de|dark blue|203.0.113.9|https://blog.example')
  expect(recordOf(response).vetoes).toEqual([])
})

test.each([
  ['/clock', 'read the clock'],
  ['/chance', 'read a random value'],
  ['/file', 'cache: false'],
  ['/broken', 'status 500'],
  ['/-/health/ready', 'health'],
])('%s is not stored: %s', async (url, veto) => {
  expect(recordOf(await get(url)).vetoes).toContain(veto)
})

test('a query that failed keeps the page from being stored, although the app caught the error', async () => {
  const response = await get('/caught')
  expect(response.statusCode).toBe(200)
  expect(recordOf(response).vetoes.join()).toContain('nowhere')
})

test('now({ every }) ends the page with the period', async () => {
  const record = recordOf(await get('/minute'))
  expect(record.vetoes).toEqual([])
  expect(Number(record.endsAt) % 3_600_000).toBe(0)
  expect(record.endsAt).toBeGreaterThan(Date.now())
})

test('an outgoing request keeps a page from being stored, unless it has a maxAge', async () => {
  const { createServer } = await import('node:http')
  const other = createServer((_, response) => response.end('sunny')).listen(0, '127.0.0.1')
  await new Promise(done => other.once('listening', done))
  try {
    const from = encodeURIComponent(`http://127.0.0.1:${(other.address() as { port: number }).port}/`)
    const weather = await get(`/weather?from=${from}`)
    expect(weather.body).toContain('sunny')
    expect(recordOf(weather).vetoes).toContain('outgoing request to 127.0.0.1')
    const forecast = recordOf(await get(`/forecast?from=${from}`))
    expect(forecast.vetoes).toEqual([])
    expect(forecast.endsAt).toBeLessThanOrEqual(Date.now() + 60_000)
    expect(forecast.endsAt).toBeGreaterThan(Date.now())
  } finally {
    other.close()
    other.closeAllConnections()
  }
})

test('a redirect is a page like any other, its address in ASCII', async () => {
  const response = await get('/moved')
  expect(response.statusCode).toBe(301)
  expect(response.headers.location).toBe('/posts/%C3%A9')
  expect(recordOf(response).vetoes).toEqual([])
})

test('what was read and changes while the response is made vetoes it', async () => {
  const own = await serveApp(blog)
  try {
    const { position } = own.feed
    const update = {
      kind: 'update' as const,
      table: 'public.posts',
      old: { id: '1', slug: 'one', title: 'First' },
      new: { id: '1', slug: 'one', title: 'Changed' },
      changed: ['title'],
    }
    const stop = own.database.listen(event => {
      if (event.text.includes('posts')) own.feed.commit([update])
      return undefined
    })
    const stale = recordOf(await own.server.inject('/posts/one'))
    const other = recordOf(await own.server.inject('/posts/two'))
    stop()
    expect(stale.position).toBe(`${position?.epoch}:0/100`)
    expect(stale.vetoes).toEqual(['something that it read changed while it was made'])
    expect(other.vetoes).toEqual([])
  } finally {
    await own.close()
  }
})

test('without a feed nothing may be stored', async () => {
  const own = await serveApp(blog, { feed: false })
  try {
    expect(recordOf(await own.server.inject('/posts/one'))).toMatchObject({
      position: null,
      vetoes: ['no feed'],
    })
  } finally {
    await own.close()
  }
})

test('explain asks for the queries', async () => {
  const record = recordOf(await get('/posts/one', { 'quintet-explain': '1' }))
  expect(record.queries?.[0]?.text).toContain('posts')
  expect(recordOf(await get('/posts/one')).queries).toBeUndefined()
})

test('the record is ASCII whatever it holds', async () => {
  const response = await get(`/posts/${encodeURIComponent('смысл😀')}`)
  expect(String(response.headers['quintet-record'])).toMatch(/^[\x20-\x7e]+$/)
  expect(recordOf(response).dependencies[0]?.equals).toEqual({ slug: ['смысл😀'] })
})

test('says nothing of caching downstream: the edge does, which knows what was read', async () => {
  expect((await get('/posts/one')).headers).not.toHaveProperty('cache-control')
  expect((await get('/me')).headers).not.toHaveProperty('cache-control')
})

test('an action writes, redirects with 303 and tells how far', async () => {
  const response = await served.server.inject(form('/posts/one?action=rename', { title: 'Renamed' }))
  expect([response.statusCode, response.headers.location]).toEqual([303, '/posts/one'])
  const record = recordOf(response)
  expect(record.wrote).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/)
  expect(record.vetoes).toContain('method POST')
  expect((await get('/posts/one')).body).toContain('<h1>Renamed</h1>')
})

test('an action counts as a write even if others write for it; what never reached an action does not', async () => {
  const acted = await served.server.inject(form('/posts/one?action=preview', { tags: 'a' }))
  expect([acted.statusCode, recordOf(acted).wrote]).toEqual([
    200,
    expect.stringMatching(/^[0-9A-F]+\/[0-9A-F]+$/),
  ])
  const refused = form('/posts/one?action=preview', { tags: 'a' })
  refused.headers['sec-fetch-site'] = 'cross-site'
  expect(recordOf(await served.server.inject(refused)).wrote).toBeNull()
  expect(recordOf(await served.server.inject({ method: 'HEAD', url: '/posts/one' })).wrote).toBeNull()
})

test('refused input shows the page again with errors and what was typed, but no password', async () => {
  const response = await served.server.inject(
    form('/posts/one?action=rename', { title: '', password: 'hush' }),
  )
  expect(response.statusCode).toBe(422)
  expect(response.body).toContain(`<p id="errors">can't be blank</p>`)
  expect(response.body).not.toContain('hush')
})

test.each([
  ['taken', 422, 'has already been taken'],
  ['deep', 409, 'is too deep'],
])('an action that refuses "%s" shows the page with %s', async (title, status, message) => {
  const response = await served.server.inject(form('/posts/one?action=rename', { title }))
  expect(response.statusCode).toBe(status)
  expect(response.body).toContain(message)
  expect(response.body).toContain(`{&quot;title&quot;:&quot;${title}&quot;}`)
})

test('an action may forbid, return data for the view, and take repeated fields', async () => {
  expect((await served.server.inject(form('/posts/one?action=rename', { title: 'mine' }))).statusCode).toBe(
    403,
  )
  const preview = await served.server.inject(
    form('/posts/one?action=preview', [
      ['tags', 'a'],
      ['tags', 'b'],
    ]),
  )
  expect(preview.body).toContain('<p id="result">a+b</p>')
})

test('an unknown action is a 404, a body that is no form a 415, a page without actions a 405', async () => {
  expect((await served.server.inject(form('/posts/one?action=constructor', {}))).statusCode).toBe(404)
  const json = { ...form('/posts/one?action=rename', {}), payload: '{}' }
  json.headers['content-type'] = 'application/json'
  expect((await served.server.inject(json)).statusCode).toBe(415)
  const post = await served.server.inject(form('/', {}))
  expect([post.statusCode, post.headers.allow]).toEqual([405, 'GET, HEAD'])
})
