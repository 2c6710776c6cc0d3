import { afterAll, beforeAll, expect, test } from 'vitest'
import { blog } from './fixtures/blog.tsx'
import { recordOf, type Served, serveApp } from './fixtures/serve.ts'

let served: Served
let debugging: Served
beforeAll(async () => {
  served = await serveApp(blog)
  debugging = await serveApp(blog, { debug: true })
})
afterAll(async () => {
  await served.close()
  await debugging.close()
})

const get = (url: string, headers: Record<string, string> = {}) => served.server.inject({ url, headers })
const post = (url: string, payload: object | string, headers: Record<string, string> = {}) =>
  served.server.inject({
    method: 'POST',
    url,
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': 'application/json', ...headers },
  })

test('what a response schema does not name is not sent; dates and nulls are', async () => {
  const response = await get('/api/posts/one')
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(response.json()).toEqual({
    post: { slug: 'one', title: 'First', note: null, at: '1970-01-01T00:00:00.000Z' },
  })
  expect(recordOf(response)).toMatchObject({ vetoes: [], dependencies: [{ equals: { slug: ['one'] } }] })
})

test('query values are coerced, defaulted and refused by the schema', async () => {
  expect((await get('/api/posts?limit=3&tag=a&tag=b&other=1')).json()).toEqual({ limit: 3, tag: ['a', 'b'] })
  expect((await get('/api/posts')).json()).toEqual({ limit: 5, tag: [] })
  const refused = await get('/api/posts?limit=many')
  expect(refused.statusCode).toBe(422)
  expect(refused.json()).toMatchObject({ status: 422, errors: { limit: [expect.any(String)] } })
  expect((await get('/api/strict?b=1')).statusCode).toBe(422)
})

test('errors are problem details (RFC 9457)', async () => {
  const response = await get('/api/posts/none')
  expect(response.statusCode).toBe(404)
  expect(response.headers['content-type']).toBe('application/problem+json')
  expect(response.json()).toEqual({
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    errors: { post: ['not found'] },
  })
})

test('a module may have its own envelope', async () => {
  const response = await get('/own/fails')
  expect(response.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(response.json()).toEqual({ errors: { thing: ['not found'] } })
})

test('the declared success status is the default, and 204 has no body', async () => {
  const token = (
    await post('/api/users', { email: 'a@b.example', username: 'ann', password: 'correct horse' })
  ).json().token
  const created = await post('/api/posts', { post: { title: 'new' } }, { authorization: `Token ${token}` })
  expect([created.statusCode, created.json()]).toEqual([201, { title: 'new' }])
  const removed = await served.server.inject({ method: 'DELETE', url: '/api/posts/new' })
  expect([removed.statusCode, removed.body]).toEqual([204, ''])
  expect(recordOf(removed).wrote).not.toBeNull()
})

test('a reply has its own status and headers', async () => {
  const response = await get('/api/teapot')
  expect([response.statusCode, response.body, response.headers['x-tea']]).toEqual([418, '"short"', 'oolong'])
})

test('a content type of its own sends the body as it is', async () => {
  const text = await get('/robots.txt')
  expect([text.headers['content-type'], text.body]).toEqual(['text/plain', 'User-agent: *'])
  const bytes = await get('/bytes')
  expect([bytes.headers['content-type'], [...bytes.rawPayload]]).toEqual(['application/octet-stream', [1, 2]])
  expect(recordOf(bytes).vetoes).toEqual([])
})

test('a transaction that could not be serialized is run again', async () => {
  expect((await post('/api/retried', {})).json()).toEqual({
    attempts: 2,
    seen: { transaction_isolation: 'read committed' },
  })
  expect((await post('/api/retried', { level: 'serializable' })).json()).toEqual({
    attempts: 2,
    seen: { transaction_isolation: 'serializable' },
  })
  const { rows } = await served.outside.query(`select 1 from posts where slug like 'attempt%'`)
  expect(rows).toEqual([])
})

test('a handler that returns nothing answers 204', async () => {
  expect((await get('/api/nothing-to-say')).statusCode).toBe(204)
})

test.each<[string, () => ReturnType<typeof get>, number]>([
  ['no JSON', () => post('/api/posts', '{'), 400],
  ['an empty body', () => post('/api/posts', ''), 400],
  ['another content type', () => post('/api/posts', '<a/>', { 'content-type': 'text/xml' }), 415],
  ['a form', () => post('/api/posts', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415],
  ['too much', () => post('/api/posts', { post: { title: 'x'.repeat(20_000) } }), 413],
  ['the wrong shape', () => post('/api/posts', { post: { title: '' } }), 422],
  ['nobody', () => post('/api/posts', { post: { title: 'x' } }), 401],
  ['no such method', () => served.server.inject({ method: 'PUT', url: '/api/posts' }), 405],
  ['no such path', () => get('/api/nothing', { accept: 'application/json' }), 404],
  ['a bad URL', () => get('/%zz', { accept: 'application/json' }), 400],
])('%s is refused as a problem', async (_, ask, status) => {
  const response = await ask()
  expect(response.json()).toMatchObject({ type: 'about:blank', status })
  expect(response.statusCode).toBe(status)
  expect(response.body).not.toContain('node_modules')
})

test('the message of a refused nested field goes by its path', async () => {
  expect((await post('/api/posts', { post: { title: '' } })).json().errors).toEqual({
    'post.title': ["can't be blank"],
  })
})

test('production says nothing of what went wrong', async () => {
  for (const url of ['/api/crash', '/broken']) {
    const response = await get(url)
    expect(response.statusCode).toBe(500)
    expect(response.body).not.toMatch(/secret|\.ts|at /)
  }
})

test('debug shows the stack and its causes', async () => {
  const route = await debugging.server.inject('/api/crash')
  expect(route.json().stack).toMatch(/the secret of the handler[\s\S]*Caused by: Error: the deeper secret/)
  const page = await debugging.server.inject('/broken')
  expect(page.body).toContain('the secret of the view')
  expect(page.body).toContain('blog.tsx')
})

test('debug refuses an answer that its own schema refuses', async () => {
  const response = await debugging.server.inject('/api/wrong')
  expect(response.statusCode).toBe(500)
  expect(response.json().stack).toMatch(/APP_RESPONSE_INVALID: GET \/api\/wrong answered 200 .* n: /)
})
