import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordOf, type Served, serveApp } from './fixtures/serve.ts'
import { defineApp, defineLayout, defineModule, forbidden, page } from './index.ts'

const pages = [
  page('/posts/:slug', {
    load: async ({ db, params }) => {
      const { rows } = await db.execute(sql`select title from posts where slug = ${params.slug}`)
      return { rows }
    },
    view: ({ rows }) => <p>{JSON.stringify(rows)}</p>,
  }),
  page('/forbidden', { load: () => forbidden(), view: () => null }),
  page('/broken', {
    view: () => {
      throw new Error('hidden')
    },
  }),
  page('/text', {
    load: async ({ db, query }) => {
      await db.execute(sql`select * from posts where slug = ${query.get('q')}`)
      return {}
    },
    view: () => null,
  }),
  page('/id', { load: ({ requestId }) => ({ id: requestId() }), view: ({ id }) => <p>{id}</p> }),
  page('/bare', { layout: null, view: () => <html lang="en">bare</html> }),
]

let failing = false
const layout = defineLayout({
  load: async ({ cookies }) => {
    if (failing) throw new Error('the layout fails too')
    return { theme: cookies.get('theme') ?? 'plain' }
  },
  view: ({ children, head, theme }) => (
    <html lang="en" class={theme}>
      <title>{head.title}</title>
      <body>{children}</body>
    </html>
  ),
})
const app = defineApp({
  modules: [defineModule({ name: 'site', pages })],
  layout,
  errorPages: {
    notFound: ({ path }) => <h1>Nothing at {path}</h1>,
    error: ({ status, requestId }) => (
      <h1>
        Oh {status} <i>{requestId}</i>
      </h1>
    ),
  },
})

let own: Served
let plain: Served
beforeAll(async () => {
  own = await serveApp(app)
  plain = await serveApp(defineApp({ modules: [defineModule({ name: 'site', pages })] }))
})
afterAll(async () => {
  await own.close()
  await plain.close()
})
const html = { accept: 'text/html' }

test('the app’s own error pages stand in its layout, and are pages that read', async () => {
  const response = await own.server.inject({ url: '/nowhere', headers: { ...html, cookie: 'theme=dark' } })
  expect(response.statusCode).toBe(404)
  expect(response.body).toBe(
    '<!doctype html><html lang="en" class="dark"><title>Not found</title><body><h1>Nothing at /nowhere</h1></body></html>',
  )
  expect(recordOf(response)).toMatchObject({
    vetoes: [],
    parts: ['cookie:theme', 'header:accept', 'protocol'],
  })
  expect((await own.server.inject({ url: '/forbidden' })).body).toContain('<h1>Oh 403 <i></i></h1>')
})

test('a server error shows the id by which it is logged', async () => {
  const response = await own.server.inject({ url: '/broken', headers: { 'quintet-request-id': 'r-1' } })
  expect([response.statusCode, response.body]).toEqual([
    500,
    expect.stringContaining('<h1>Oh 500 <i>r-1</i></h1>'),
  ])
})

test('when the error page fails as well, the built-in one is shown', async () => {
  failing = true
  try {
    const response = await own.server.inject({ url: '/forbidden', headers: html })
    expect(response.statusCode).toBe(403)
    expect(response.body).toContain('<h1>Forbidden</h1>')
  } finally {
    failing = false
  }
})

test('the built-in page carries its own style and allows nothing else', async () => {
  const response = await plain.server.inject({ url: '/<script>', headers: html })
  expect(response.statusCode).toBe(404)
  expect(response.body).toMatch(/^<!doctype html>[\s\S]*<h1>Not found<\/h1>/)
  expect(response.headers['content-security-policy']).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/=]+'/,
  )
})

test('a page that shows its request id is not stored', async () => {
  expect(recordOf(await plain.server.inject('/id')).vetoes).toEqual(['read the request id'])
})

test('a text that the database cannot hold is the sender’s mistake', async () => {
  expect((await plain.server.inject('/text?q=%00')).statusCode).toBe(400)
})

test('a page without a layout is the document', async () => {
  expect((await own.server.inject('/bare')).body).toBe('<!doctype html><html lang="en">bare</html>')
})

test('careful headers go with every response; over HTTPS in production its promise too', async () => {
  const http = await plain.server.inject('/bare')
  expect(http.headers).toMatchObject({
    'content-security-policy': expect.stringContaining("default-src 'self'"),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
  })
  expect(http.headers['strict-transport-security']).toBeUndefined()
  const https = await plain.server.inject({ url: '/bare', headers: { 'x-forwarded-proto': 'https' } })
  expect(https.headers['strict-transport-security']).toBe('max-age=31536000')
})

test('without its database a worker is not ready, and pages say so', async () => {
  const lost = await serveApp(app)
  try {
    expect((await lost.server.inject('/-/health/ready')).statusCode).toBe(200)
    await lost.outside.close()
    const ready = await lost.server.inject('/-/health/ready')
    expect([ready.statusCode, ready.headers['cache-control']]).toEqual([503, 'no-store'])
    expect((await lost.server.inject('/-/health/live')).statusCode).toBe(200)
    const response = await lost.server.inject('/posts/one')
    expect(response.statusCode).toBeGreaterThanOrEqual(500)
    expect(recordOf(response).vetoes.length).toBeGreaterThan(0)
  } finally {
    await lost.close()
  }
})
