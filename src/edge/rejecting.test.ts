import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import { sendRaw } from '../testing/sendRaw.ts'

let t: EdgeUnderTest
beforeAll(async () => {
  t = await startEdge()
})
afterAll(() => t.close())

const raw = (bytes: string): Promise<string> => sendRaw(t.httpPort, bytes)

const get = (target: string, headers = 'Host: a.test\r\n') =>
  `GET ${target} HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`

test.each<[string, string, number]>([
  ['no host', get('/', ''), 400],
  ['a bad host', get('/', 'Host: a b\r\n'), 400],
  ['a host with a path', get('/', 'Host: a.test/x\r\n'), 400],
  ['a host with user information', get('/', 'Host: u@a.test\r\n'), 400],
  ['an absolute address of another protocol', get('ftp://a.test/'), 400],
  ['an absolute address with user information', get('http://u@a.test/'), 400],
  ['too many headers', get('/', `Host: a.test\r\n${'a:\r\n'.repeat(300)}`), 431],
  ['dot segments', get('/a/../b'), 400],
  ['encoded dot segments', get('/a/%2e%2E/b'), 400],
  ['a trailing dot segment', get('/a/..'), 400],
  ['an encoded NUL', get('/a%00b'), 400],
  ['a backslash', get('/a\\..\\b'), 400],
  ['raw bytes in the path', get('/\xe9'), 400],
  ['a fragment', get('/a#b'), 400],
  ['raw bytes in the query', get('/a?b=\xe9'), 400],
  ['two lengths', 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx', 400],
  [
    'a length and chunks',
    'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
  ],
  ['a space in a header name', get('/', 'Host: a.test\r\nX y: 1\r\n'), 400],
  ['nonsense', 'nonsense\r\n\r\n', 501],
  ['a long address', get(`/${'x'.repeat(8_200)}`), 414],
  ['large headers', get('/', `Host: a.test\r\nX: ${'x'.repeat(17_000)}\r\n`), 431],
  ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n', 405],
  ['CONNECT', 'CONNECT a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n', 405],
  ['a method of another trade', 'PROPFIND / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n', 501],
  ['a body past the limit', 'POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000001\r\n\r\n', 413],
])('%s is refused, and no worker hears of it', async (_, bytes, status) => {
  const before = t.worker.seen.length
  const answer = await raw(bytes)
  expect(Number(answer.split(' ')[1])).toBe(status)
  expect(answer.toLowerCase()).toContain('connection: close')
  expect(answer).not.toMatch(/ at .*\.ts|node:|Error:/)
  expect(t.worker.seen.length).toBe(before)
})

test('a person gets a page, a program JSON', async () => {
  const page = await t.fetch('/a/../b', { headers: { accept: 'text/html' } })
  expect(page.headers['content-type']).toContain('text/html')
  expect(page.text).toContain('<h1>400</h1>')
  const json = await t.fetch('/a/../b')
  expect(JSON.parse(json.text)).toMatchObject({ status: 400, error: 'Bad Request' })
})

test('dots that are no segments pass', async () => {
  for (const path of ['/a..b', '/.well-known/x', '/...', '/a?b=../..'])
    expect((await t.fetch(path)).status).toBe(200)
})

test('an absolute address is served, and its host counts (RFC 9112 §3.2.2)', async () => {
  for (const [target, host, url] of [
    ['http://Other.test/a?b=1', 'other.test', '/a?b=1'],
    ['https://second.test:81', 'second.test:81', '/'],
    ['http://third.test?b=1', 'third.test', '/?b=1'],
  ] as const) {
    expect(await raw(get(target))).toMatch(/^HTTP\/1.1 200/)
    expect(t.worker.seen.at(-1)).toMatchObject({ url, headers: { host } })
  }
})

test('where hosts are named, any other is a 421, for WebSockets too', async () => {
  const named = await startEdge({ edge: { hosts: ['a.test', '*.b.test'] } })
  try {
    const status = async (bytes: string) => Number((await sendRaw(named.httpPort, bytes)).split(' ')[1])
    for (const host of ['a.test', 'A.test:8080', 'www.b.test'])
      expect(await status(get('/', `Host: ${host}\r\n`))).toBe(200)
    expect(named.worker.seen).toHaveLength(3)
    for (const host of ['evil.test', 'b.test', 'a.test.evil.test'])
      expect(await status(get('/', `Host: ${host}\r\n`))).toBe(421)
    expect(await status(get('http://evil.test/'))).toBe(421)
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
    expect(await status(`GET / HTTP/1.1\r\nHost: evil.test\r\n${upgrade}\r\n`)).toBe(421)
    expect(named.worker.seen).toHaveLength(3)
  } finally {
    await named.close()
  }
})
