import { once } from 'node:events'
import { createServer, get } from 'node:http'
import { connect as connect2, createServer as createServer2 } from 'node:http2'
import { type AddressInfo, connect, Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase } from '../data/index.ts'
import { Recorder } from '../reads/index.ts'
import { testDatabase } from '../testing/database.ts'
import { watchOutgoingRequests } from './outgoing.ts'
import { outsideRendering, whileRendering } from './rendering.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never
const plain = createServer((_, response) => response.end('x'))
const second = createServer2((_, response) => response.end('x'))
let port: number
let secondPort: number
let undo: () => void
beforeAll(async () => {
  undo = watchOutgoingRequests()
  for (const server of [plain, second]) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  port = (plain.address() as AddressInfo).port
  secondPort = (second.address() as AddressInfo).port
})
afterAll(() => {
  undo()
  plain.close()
  plain.closeAllConnections()
  second.close()
})

async function recorded(run: () => Promise<unknown>, maxAgeMs?: number) {
  const recorder = new Recorder()
  await whileRendering({ recorder, log: quiet, maxAgeMs, shared: undefined as never }, run)
  return recorder.close()
}

/** Over a connection that was opened before, as by an earlier request. */
async function http2Request(session: ReturnType<typeof connect2>): Promise<void> {
  const stream = session.request({ ':path': '/' })
  stream.resume()
  await once(stream, 'end')
}

test.each<[string, () => Promise<unknown>]>([
  ['fetch', async () => (await fetch(`http://127.0.0.1:${port}/`)).text()],
  [
    'node:http',
    async () => {
      const [response] = await once(get({ port, host: '127.0.0.1' }), 'response')
      response.resume()
      await once(response, 'end')
    },
  ],
])('%s is a read of another server', async (_, run) => {
  expect((await recorded(run)).vetoes).toContain('outgoing request to 127.0.0.1')
  expect((await recorded(() => outsideRendering(run))).vetoes).toEqual([])
})

test('a request over an open HTTP/2 connection is one too, and a page with maxAge may have it', async () => {
  const session = connect2(`http://127.0.0.1:${secondPort}`)
  await once(session, 'connect')
  expect((await recorded(() => http2Request(session))).vetoes).toEqual(['outgoing request to 127.0.0.1'])
  const bounded = await recorded(() => http2Request(session), 60_000)
  expect([bounded.vetoes, bounded.endsAt]).toEqual([[], expect.any(Number)])
  session.close()
})

test.each<[string, () => Socket]>([
  ['net.connect', () => connect(port, '127.0.0.1')],
  ['a socket of its own', () => new Socket().connect(port, '127.0.0.1')],
  ['tls.connect', () => connectTls({ port, host: '127.0.0.1' })],
])('opening a connection by %s is one too', async (_, open) => {
  const record = await recorded(async () => {
    const socket = open().on('error', () => {})
    socket.destroy()
    await once(socket, 'close')
  })
  expect(record.vetoes).toEqual(['connection to another server'])
})

test('a connection that the database opens for a query is none', async () => {
  const server = await testDatabase()
  const database = createDatabase({ url: server.url })
  try {
    expect((await recorded(() => database.query('select 1'))).vetoes).toEqual([])
  } finally {
    await database.close()
    await server.close()
  }
})
