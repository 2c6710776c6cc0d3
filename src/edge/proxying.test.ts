import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import { type FakeWorker, recordHeader } from '../testing/fakeWorker.ts'
import { sendRaw } from '../testing/sendRaw.ts'

let t: EdgeUnderTest
afterEach(() => t.close())

const headersSeen = () => t.worker.seen.at(-1)?.headers ?? {}

test("a client's own account of who it is changes nothing", async () => {
  t = await startEdge()
  t.worker.answer = t.page('x', { parts: ['address', 'header:x-forwarded-for'] })
  await t.fetch('/p')
  const spoof = {
    'x-forwarded-for': '1.2.3.4',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.test',
    forwarded: 'for=1.2.3.4;proto=https;host=evil.test',
    'x-real-ip': '1.2.3.4',
    'quintet-request-id': 'mine',
    'quintet-explain': '1',
  }
  expect((await t.fetch('/p', { headers: spoof })).cache).toBe('quintet; hit')
  await t.fetch('/q', { headers: spoof })
  expect(headersSeen()).toMatchObject({
    host: 'a.test',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'a.test',
    forwarded: 'for=127.0.0.1;host=a.test;proto=http',
  })
  expect(headersSeen()['x-real-ip']).toBeUndefined()
  expect(headersSeen()['quintet-explain']).toBeUndefined()
  expect(headersSeen()['quintet-request-id']).not.toBe('mine')
})

test('a trusted proxy is believed, up to the right-most untrusted address', async () => {
  t = await startEdge({ edge: { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] } })
  await t.fetch('/p', {
    headers: {
      'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.0.0.2',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'Shop.test',
    },
  })
  expect(headersSeen()).toMatchObject({
    host: 'shop.test',
    'x-forwarded-for': '203.0.113.9',
    'x-forwarded-proto': 'https',
  })
  await t.fetch('/q', { headers: { forwarded: 'for="[2001:db8::1]:99";proto=https, for=10.0.0.2' } })
  expect(headersSeen()).toMatchObject({ 'x-forwarded-for': '2001:db8::1', 'x-forwarded-proto': 'http' })
})

test("what belongs to a connection, and the worker's own words, stay where they are", async () => {
  t = await startEdge()
  t.worker.answer = (_, response) => {
    response.setHeader('connection', 'keep-alive, x-internal')
    response.setHeader('x-internal', 'secret')
    response.setHeader('quintet-anything', 'secret')
    response.end('x')
  }
  const answer = await t.fetch('/p', {
    headers: { connection: 'close, x-mine', 'x-mine': '1', te: 'trailers', 'x-kept': '1' },
  })
  expect(headersSeen()['x-mine']).toBeUndefined()
  expect(headersSeen().te).toBeUndefined()
  expect(headersSeen()['x-kept']).toBe('1')
  expect(answer.headers['x-internal']).toBeUndefined()
  expect(answer.headers['quintet-anything']).toBeUndefined()
})

test('bodies arrive whole, small and streamed, and are refused past the limit', async () => {
  t = await startEdge()
  t.worker.answer = (request, response) => {
    const hash = createHash('sha256')
    request.on('data', chunk => hash.update(chunk)).on('end', () => response.end(hash.digest('hex')))
    request.on('error', () => response.destroy())
  }
  for (const size of [0, 10, 300_000]) {
    const body = Buffer.alloc(size, 'x')
    const expected = createHash('sha256').update(body).digest('hex')
    expect((await t.fetch('/up', { method: 'POST', body, headers: { 'content-length': size } })).text).toBe(
      expected,
    )
    const chunked = { 'transfer-encoding': 'chunked' }
    expect((await t.fetch('/up', { method: 'PUT', body, headers: chunked })).text).toBe(expected)
  }
  const large = Buffer.alloc(1_000_001)
  expect((await t.fetch('/up', { method: 'POST', body: large })).status).toBe(413)
  const chunked = await t.fetch('/up', {
    method: 'POST',
    body: large,
    headers: { 'transfer-encoding': 'chunked' },
  })
  expect(chunked.status).toBe(413)
})

test('workers killed under load lose no GET', async () => {
  t = await startEdge({ workers: 2, pages: { engine: 'none' } })
  const body = 'x'.repeat(50_000)
  for (const worker of t.workers)
    worker.answer = (_, response) => {
      // Headers and half the body first, so that deaths fall before, between and within.
      response.writeHead(200, { 'content-length': body.length, 'quintet-record': recordHeader(t.feed) })
      response.write(body.slice(0, 25_000))
      setImmediate(() => response.end(body.slice(25_000)))
    }
  const statuses: number[] = []
  let loading = true
  const load = async (): Promise<void> => {
    while (loading) {
      const answer = await t.fetch(`/p${statuses.length}`)
      statuses.push(answer.status === 200 && answer.text === body ? 200 : answer.status * 10)
    }
  }
  const clients = [load(), load(), load(), load()]
  for (let round = 0; round < 6; round++) {
    const victim = t.workers[round % 2]
    const seen = statuses.length
    await expect.poll(() => statuses.length).toBeGreaterThan(seen + 5)
    // One at a time: a read that two of them die with is not made a third time.
    await victim?.kill()
    await new Promise(resolve => setImmediate(resolve))
    for (const worker of t.workers) await worker.revive().catch(() => {})
  }
  loading = false
  await Promise.all(clients)
  expect(new Set(statuses)).toEqual(new Set([200]))
})

test('a page whose worker dies within its body is made again by another', async () => {
  t = await startEdge({ workers: 2 })
  let dying = true
  for (const worker of t.workers)
    worker.answer = (request, response) => {
      if (!dying) return t.page('whole page')(request, response)
      dying = false
      response.writeHead(200, { 'content-length': 10, 'quintet-record': recordHeader(t.feed) })
      response.write('whole')
      setImmediate(() => response.destroy())
    }
  expect(await t.fetch('/p')).toMatchObject({
    status: 200,
    text: 'whole page',
    cache: 'quintet; fwd=uri-miss; stored',
  })
  expect(t.workers.flatMap(worker => worker.seen)).toHaveLength(2)
})

test('a worker that comes back in time is waited for', async () => {
  t = await startEdge()
  await t.worker.kill()
  const waiting = t.fetch('/p')
  await expect.poll(() => t.edge.status().workers[0]?.down).toBe(true)
  await t.worker.revive()
  expect((await waiting).status).toBe(200)
  const posting = t.fetch('/p', { method: 'POST', body: 'x=1' })
  expect((await posting).status).toBe(200)
})

test('a read that two workers died with meets no third', async () => {
  t = await startEdge({ workers: 3 })
  for (const worker of t.workers) worker.answer = request => request.socket.destroy()
  expect((await t.fetch('/deadly')).status).toBe(502)
  expect(t.workers.map(worker => worker.seen.length).sort()).toEqual([0, 1, 1])
})

test('a read that a worker died with waits for another rather than meet the same again', async () => {
  t = await startEdge({ workers: 2 })
  const [deadly, other] = t.workers as [FakeWorker, FakeWorker]
  await other.kill()
  let died = 0
  deadly.answer = request => {
    died++
    request.socket.destroy()
  }
  const waiting = t.fetch('/p')
  await expect.poll(() => died).toBe(1)
  // The other is tried, and tried again, while the first is there.
  for (const down of [true, false, true, false])
    await expect.poll(() => t.edge.status().workers[1]?.down, { interval: 2 }).toBe(down)
  await other.revive()
  expect((await waiting).status).toBe(200)
  expect(died).toBe(1)
})

test('an unsafe request is never sent twice', async () => {
  t = await startEdge({ workers: 2 })
  for (const worker of t.workers) worker.answer = request => request.socket.destroy()
  const answer = await t.fetch('/p', { method: 'POST', body: 'x=1', headers: { accept: 'text/html' } })
  expect(answer.status).toBe(502)
  expect(answer.text).toContain('ended before it had answered')
  expect(answer.text).not.toContain('    at ')
  expect(t.workers.flatMap(worker => worker.seen)).toHaveLength(1)
})

test('reads share connections to a worker, each write has its own', async () => {
  t = await startEdge({ pages: { engine: 'none' } })
  const sockets = new Map<string, Set<unknown>>()
  const answer = t.worker.answer
  t.worker.answer = (request, response) => {
    const { method = '' } = request
    sockets.set(method, (sockets.get(method) ?? new Set()).add(request.socket))
    answer(request, response)
  }
  for (let n = 0; n < 3; n++) {
    await t.fetch(`/${n}`)
    await t.fetch(`/${n}`, { method: 'POST', body: 'x=1' })
  }
  expect([sockets.get('GET')?.size, sockets.get('POST')?.size]).toEqual([1, 3])
})

test('a worker that does not answer in time is a 504', async () => {
  t = await startEdge({ edge: { timeouts: { upstreamMs: 50, bodyMs: 5_000, idleMs: 5_000 } } })
  t.worker.answer = () => {}
  expect((await t.fetch('/p')).status).toBe(504)
})

test('a stream that breaks on the way is broken for the client, too', async () => {
  t = await startEdge()
  t.worker.answer = (_, response) => {
    response.writeHead(200, { 'content-length': 1_000 })
    response.write('half')
    setImmediate(() => response.destroy())
  }
  await expect(t.fetch('/p')).rejects.toThrow()
})

test('requests go to the worker with the fewest in flight, and to new ones as they come', async () => {
  t = await startEdge({ workers: 2, pages: { engine: 'none' } })
  const held: ServerResponse[] = []
  for (const worker of t.workers) worker.answer = (_, response) => void held.push(response)
  const waiting = ['/a', '/b', '/c', '/d'].map(path => t.fetch(path))
  await expect.poll(() => held.length).toBe(4)
  expect(t.workers.map(worker => worker.seen.length)).toEqual([2, 2])
  t.edge.setWorkers([t.workers[1]?.socket as string])
  for (const response of held) response.end()
  await Promise.all(waiting)
  for (const worker of t.workers) worker.answer = (_, response) => response.end()
  await t.fetch('/e')
  await t.fetch('/f')
  expect(t.workers.map(worker => worker.seen.length)).toEqual([2, 4])
})

test('a WebSocket is passed through both ways', async () => {
  t = await startEdge()
  const { createServer } = await import('node:http')
  const { join } = await import('node:path')
  const socketPath = join(t.folder, 'ws.sock')
  const server = createServer().listen(socketPath)
  server.on('upgrade', (_, socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-Own: 1\r\n\r\n',
    )
    socket.pipe(socket)
  })
  await once(server, 'listening')
  t.edge.setWorkers([socketPath])
  const headers = { host: 'a.test', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-key': 'k' }
  const sent = httpRequest({ host: '127.0.0.1', port: t.httpPort, path: '/ws', headers }).end()
  const [response, socket] = await once(sent, 'upgrade')
  expect(response.headers['x-own']).toBe('1')
  socket.write('ping')
  expect(String((await once(socket, 'data'))[0])).toBe('ping')
  // An open WebSocket does not keep the edge from stopping.
  const closed = once(socket, 'close')
  socket.resume()
  await t.edge.stop()
  await closed
  server.closeAllConnections()
  server.close()
})

test('where plain HTTP is redirected, a WebSocket on it is, too', async () => {
  t = await startEdge({ edge: { http: { port: 0, redirect: true }, https: { port: 8443 } } })
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n'
  const answer = await sendRaw(t.httpPort, `GET /ws?a=1 HTTP/1.1\r\nHost: a.test:80\r\n${upgrade}\r\n`)
  expect(answer).toMatch(/^HTTP\/1.1 308 Permanent Redirect\r\nLocation: https:\/\/a.test:8443\/ws\?a=1\r\n/)
  expect(t.worker.seen).toHaveLength(0)
})

test('a stopping edge lets what is in flight finish, and closes its connection', async () => {
  t = await startEdge()
  let upstream: ServerResponse | undefined
  t.worker.answer = (_, response) => {
    upstream = response
  }
  const waiting = t.fetch('/slow', { headers: { connection: 'keep-alive' } })
  await expect.poll(() => upstream).toBeDefined()
  const stopped = t.edge.stop()
  await expect(fetch(`http://127.0.0.1:${t.httpPort}/p`)).rejects.toThrow()
  upstream?.end('done')
  expect(await waiting).toMatchObject({ status: 200, text: 'done' })
  await stopped
})

test('an upgrade to anything else is ignored', async () => {
  t = await startEdge()
  const answer = await t.fetch('/p', {
    headers: { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AA' },
  })
  expect(answer.status).toBe(200)
})
