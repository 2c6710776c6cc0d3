import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterEach, expect, test } from 'vitest'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'

let t: EdgeUnderTest
afterEach(() => t.close())

const upload = 'POST /up HTTP/1.1\r\nHost: a.test\r\nContent-Length: 500000\r\n\r\n'

/** Begins an upload of 500 kB with its first 90 kB, and leaves it there. */
async function begun(): Promise<Socket> {
  const socket = connect(t.httpPort, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(upload + 'x'.repeat(90_000))
  return socket
}

test("a client that breaks off its upload is nobody's failure: no worker is bothered, or thought dead", async () => {
  t = await startEdge()
  const socket = await begun()
  await expect.poll(() => t.edge.status().requests).toBe(1)
  socket.destroy()
  await once(socket, 'close')
  const answer = await t.fetch('/p')
  expect(answer.status).toBe(200)
  expect(t.worker.seen.map(request => request.url)).toEqual(['/p'])
  expect(t.edge.status()).toMatchObject({ failed: 0, workers: [{ down: false, inFlight: 0 }] })
})

test('a body that does not arrive in time is refused, over HTTP/1.1 and HTTP/2, and no worker hears of it', async () => {
  t = await startEdge({ https: true, edge: { timeouts: { upstreamMs: 50, bodyMs: 100, idleMs: 5_000 } } })
  const plain = await begun()
  let text = ''
  plain.on('data', chunk => {
    text += chunk
  })
  await once(plain, 'close')
  expect(text).toMatch(/^HTTP\/1.1 408 /)

  const client = connectHttp2(`https://localhost:${t.httpsPort}`, { rejectUnauthorized: false })
  const slow = client.request({ ':method': 'POST', ':path': '/up' })
  slow.write('x'.repeat(1_000))
  const [headers] = await once(slow, 'response')
  expect(headers[':status']).toBe(408)
  slow.resume()
  await once(slow, 'close')
  expect(slow.rstCode).toBe(constants.NGHTTP2_NO_ERROR)
  client.destroy()
  expect(t.worker.seen).toHaveLength(0)
})

test('a worker sees nothing of an upload before it is whole', async () => {
  t = await startEdge()
  const socket = await begun()
  expect((await t.fetch('/up', { method: 'POST', body: 'x' })).status).toBe(200)
  expect(t.worker.seen).toHaveLength(1)
  expect(t.edge.status().workers).toMatchObject([{ inFlight: 0 }])
  socket.write('x'.repeat(410_000))
  await once(socket, 'data')
  expect(t.worker.seen).toHaveLength(2)
  socket.destroy()
})

test('a client that reads nothing of an endless answer is cut off, and its worker free again', async () => {
  t = await startEdge({ edge: { timeouts: { upstreamMs: 50, bodyMs: 5_000, idleMs: 200 } } })
  let closed: Promise<unknown> | undefined
  t.worker.answer = (_, response) => {
    closed = once(response, 'close')
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536)));
      response.once('drain', more)
    }
    more()
  }
  const socket = connect(t.httpPort, '127.0.0.1')
  socket.on('error', () => {})
  socket.pause().write('GET /endless HTTP/1.1\r\nHost: a.test\r\n\r\n')
  await expect.poll(() => closed).toBeDefined()
  await closed
  await expect.poll(() => t.edge.status().workers[0]?.inFlight).toBe(0)
  expect(t.edge.status()).toMatchObject({ failed: 0, workers: [{ down: false }] })
  socket.destroy()
})

test('limits hold for HTTP/1.1 over TLS as well', async () => {
  t = await startEdge({ https: true, edge: { maxHeaderBytes: 2_048 } })
  const socket = connectTls({ port: t.httpsPort, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  await once(socket, 'secureConnect')
  socket.write(`GET / HTTP/1.1\r\nHost: a.test\r\nX: ${'x'.repeat(6_000)}\r\n\r\n`)
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1.1 431 /)
  socket.destroy()
})
