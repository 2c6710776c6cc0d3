import { afterAll, beforeAll, expect, test } from 'vitest'
import { blog } from './fixtures/blog.tsx'
import { form, type Served, serveApp } from './fixtures/serve.ts'

let served: Served
beforeAll(async () => {
  served = await serveApp(blog)
})
afterAll(() => served.close())

const own = { host: 'blog.example' }
const https = { host: 'worker', 'x-forwarded-host': 'blog.example', 'x-forwarded-proto': 'https' }

test.each<[string, Record<string, string>, boolean]>([
  ['a form of ours', { ...own, 'sec-fetch-site': 'same-origin' }, true],
  ['typed into the address bar', { ...own, 'sec-fetch-site': 'none' }, true],
  ['another site', { ...own, 'sec-fetch-site': 'cross-site' }, false],
  ['a sister site', { ...own, 'sec-fetch-site': 'same-site' }, false],
  [
    'another site that claims our Origin',
    { ...own, 'sec-fetch-site': 'cross-site', origin: 'http://blog.example' },
    false,
  ],
  ['an older browser of ours', { ...own, origin: 'http://blog.example' }, true],
  ['an older browser elsewhere', { ...own, origin: 'http://evil.example' }, false],
  ['a sandboxed frame', { ...own, origin: 'null' }, false],
  ['another port', { ...own, origin: 'http://blog.example:8080' }, false],
  ['our host behind the edge', { ...https, origin: 'https://blog.example' }, true],
  [
    'our host with its default port',
    { ...https, 'x-forwarded-host': 'blog.example:443', origin: 'https://blog.example' },
    true,
  ],
  ['plain HTTP against HTTPS', { ...https, origin: 'http://blog.example' }, false],
  ['a program without cookies', { ...own, authorization: 'Token x' }, true],
  ['Authorization beside cookies', { ...own, authorization: 'Basic eDp5', cookie: 'session=x' }, false],
  [
    'Authorization from another site',
    { ...own, authorization: 'Basic eDp5', origin: 'http://evil.example' },
    false,
  ],
  ['something with cookies that says nothing', { ...own, cookie: 'session=x' }, false],
])('%s', async (_, headers, passes) => {
  const request = form('/posts/one?action=preview', { tags: 'a' })
  const response = await served.server.inject({
    ...request,
    headers: { 'content-type': request.headers['content-type'], ...headers },
  })
  expect(response.statusCode).toBe(passes ? 200 : 403)
})

test('reading is never refused', async () => {
  const response = await served.server.inject({
    url: '/',
    headers: { 'sec-fetch-site': 'cross-site', cookie: 'a=b' },
  })
  expect(response.statusCode).toBe(200)
})

test('a refusal comes before the body is read', async () => {
  const response = await served.server.inject({
    method: 'POST',
    url: '/api/posts',
    payload: '{',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
  })
  expect(response.statusCode).toBe(403)
})
