import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import { createEdge } from './edge.ts'

let t: EdgeUnderTest
afterEach(() => t.close())

const authority = () => readFile(join(t.folder, 'tls', 'authority.pem'))

test('HTTP/2 and HTTP/1.1 are spoken under one trusted certificate, and share the store', async () => {
  t = await startEdge({ https: true })
  t.worker.answer = t.page('hello', { parts: ['cookie:a', 'header:x-kept'] })
  const ca = join(t.folder, 'tls', 'authority.pem')
  const curl = async (...more: string[]) => {
    const args = ['-sS', '--cacert', ca, '-D', '-', `https://localhost:${t.httpsPort}/p`, ...more]
    return (await promisify(execFile)('curl', args)).stdout
  }
  const over2 = await curl('--http2', '-H', 'cookie: a=1', '-H', 'cookie: b=2')
  expect(over2).toMatch(/^HTTP\/2 200/)
  expect(over2).toContain('cache-status: quintet; fwd=uri-miss; stored')
  const over1 = await curl('--http1.1', '-H', 'cookie: a=1; b=3')
  expect(over1).toMatch(/^HTTP\/1\.1 200/)
  expect(over1).toContain('cache-status: quintet; hit')
  expect(t.worker.seen).toHaveLength(1)
  expect(t.worker.seen[0]?.headers).toMatchObject({
    host: `localhost:${t.httpsPort}`,
    cookie: 'a=1; b=2',
    'x-forwarded-proto': 'https',
  })
  expect(Object.keys(t.worker.seen[0]?.headers ?? {}).some(name => name.startsWith(':'))).toBe(false)
})

test('over HTTP/2 bodies go up, streams come down, and errors have their status', async () => {
  t = await startEdge({ https: true })
  t.worker.answer = (request, response) => {
    response.setHeader('connection', 'keep-alive, x-hop')
    request.pipe(response)
  }
  const client = connectHttp2(`https://localhost:${t.httpsPort}`, { ca: await authority() })
  const send = (headers: Record<string, string>, body?: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const stream = client.request(headers)
      let status = 0
      let text = ''
      stream.on('response', got => {
        status = Number(got[':status'])
      })
      stream.on('data', chunk => {
        text += chunk
      })
      stream.on('end', () => resolve({ status, text }))
      stream.on('error', reject)
      stream.end(body)
    })
  const body = 'x'.repeat(200_000)
  expect(await send({ ':method': 'POST', ':path': '/echo' }, body)).toEqual({ status: 200, text: body })
  expect((await send({ ':path': '/a/../b' })).status).toBe(400)
  expect((await send({ ':method': 'BREW', ':path': '/' })).status).toBe(501)
  await new Promise<void>(resolve => client.close(resolve))
})

test('over HTTP/2 each of several cookies is set, hits included, and a broken stream is broken', async () => {
  t = await startEdge({ https: true })
  const client = connectHttp2(`https://localhost:${t.httpsPort}`, { ca: await authority() })
  client.on('error', () => {})
  const get = (path: string) =>
    new Promise<{ headers: Record<string, unknown>; raw: number }>((resolve, reject) => {
      const stream = client.request({ ':path': path })
      stream.on('response', headers => {
        stream.resume()
        stream.on('end', () => resolve({ headers, raw: stream.rstCode }))
      })
      stream.on('error', reject)
    })
  const cookies = ['a=1', 'b=2']
  t.worker.answer = (_, response) =>
    response.setHeader('set-cookie', cookies).setHeader('link', ['</a>', '</b>']).end()
  const streamed = await get('/p')
  expect(streamed.headers['set-cookie']).toEqual(cookies)
  expect(streamed.headers.link).toBe('</a>, </b>')
  t.worker.answer = t.page('x', {}, { 'set-cookie': cookies })
  expect((await get('/q')).headers['set-cookie']).toEqual(cookies)
  t.worker.answer = t.page('x', {}, { link: ['</a>', '</b>'] })
  await get('/r')
  expect((await get('/r')).headers).toMatchObject({ link: '</a>, </b>', 'cache-status': 'quintet; hit' })

  t.worker.answer = (_, response) => {
    response.writeHead(200, { 'content-length': 1_000 })
    response.write('half')
    setImmediate(() => response.destroy())
  }
  await expect(get('/broken')).rejects.toThrow()
  client.destroy()
})

test('clients that leave at any moment take nothing with them', async () => {
  t = await startEdge({ https: true })
  t.worker.answer = t.page('x'.repeat(50_000))
  const ca = await authority()
  for (let n = 0; n < 30; n++) {
    const client = connectHttp2(`https://localhost:${t.httpsPort}`, { ca })
    client.on('error', () => {})
    const stream = client.request({ ':path': `/p${n % 3}`, ':method': n % 5 === 0 ? 'POST' : 'GET' })
    stream.on('error', () => {}).end('x')
    if (n % 2 === 0) await new Promise(resolve => client.once('connect', resolve))
    if (n % 4 === 0) await new Promise(resolve => stream.once('response', resolve))
    client.destroy()
  }
  expect((await t.fetch('/p1')).status).toBe(200)
})

test('TLS below 1.2 is refused', async () => {
  t = await startEdge({ https: true })
  const outcome = await new Promise(resolve => {
    const socket = connectTls({
      port: t.httpsPort,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: 'TLSv1.1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    })
    socket.on('secureConnect', () => resolve('connected'))
    socket.on('error', () => resolve('refused'))
  })
  expect(outcome).toBe('refused')
})

test('plain HTTP is sent to HTTPS, whatever the method', async () => {
  t = await startEdge({ https: true, edge: { http: { port: 0, redirect: true } } })
  const answer = await t.fetch('/p?q=1', { method: 'POST', headers: { host: 'localhost:8080' } })
  expect(answer.status).toBe(308)
  expect(answer.headers.location).toBe(`https://localhost:${t.httpsPort}/p?q=1`)
  expect(t.worker.seen).toHaveLength(0)
})

test('a socket that already listens is taken over', async () => {
  t = await startEdge()
  const listening = createServer()
  await new Promise<void>(resolve => listening.listen(0, '127.0.0.1', resolve))
  const { port } = listening.address() as { port: number }
  const second = createEdge({
    feed: t.feed,
    workers: [t.worker.socket],
    https: null,
    http: { handle: listening },
    settings: t.settings,
  })
  await second.start()
  const response = await fetch(`http://127.0.0.1:${port}/p`)
  expect(await response.text()).toBe('hello')
  await second.stop()
  listening.close()
})

test('a taken port and an unreadable certificate are named, and nothing stays open', async () => {
  t = await startEdge()
  const on = (settings: object) =>
    createEdge({
      feed: t.feed,
      workers: [],
      settings: { ...t.settings, edge: { ...t.settings.edge, ...settings } },
    })
  await expect(on({ http: { port: t.httpPort, redirect: false } }).start()).rejects.toThrow(
    new RegExp(`EDGE_PORT_TAKEN: 127.0.0.1:${t.httpPort} is in use.*edge: \\{ http`),
  )
  await expect(
    on({ tls: { engine: 'files', cert: '/nowhere.pem', key: '/nowhere.key' } }).start(),
  ).rejects.toThrow(/EDGE_CERTIFICATE_UNREADABLE: The TLS file \/nowhere.pem/)
})
