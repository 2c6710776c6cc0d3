import { execFile } from 'node:child_process'
import net from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBand, testBand } from './band/band.ts'

let probe: TestBand

beforeAll(async () => {
  probe = await testBand('test/probe')
}, 120_000)
afterAll(() => probe?.stop())

/** Sends bytes as they are and returns the answer's status line. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(probe.origin)
    const socket = net.connect(Number(port), hostname, () => socket.write(text))
    let answer = ''
    socket.setEncoding('utf8')
    socket.on('data', chunk => {
      answer += chunk
    })
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''))
    socket.on('error', reject)
  })
}

describe('a request that is', () => {
  it.each([
    ['malformed', 'GET / HTTP/9.9\r\n\r\n', '400'],
    ['without a host', 'GET /nothing HTTP/1.1\r\nConnection: close\r\n\r\n', '400'],
    [
      'contradictory about its length',
      'POST /nothing HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
      '400',
    ],
    [
      'too long in its headers',
      `GET /nothing HTTP/1.1\r\nHost: a\r\nX-Long: ${'x'.repeat(40_000)}\r\nConnection: close\r\n\r\n`,
      '431',
    ],
    ['of no known method', 'FROB /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', '501'],
  ])('%s is refused', async (_, text, status) => {
    expect(await raw(text)).toContain(` ${status} `)
  })

  it('too large is refused', async () => {
    const visit = await probe.visit('/nothing', { method: 'POST', body: 'x'.repeat(2 * 1024 * 1024) })
    expect(visit.status).toBe(413)
  })

  it("for what isn't there is told so", async () => {
    expect((await probe.visit('/nowhere')).status).toBe(404)
    expect(
      (await probe.visit('/nothing', { method: 'DELETE', headers: { 'sec-fetch-site': 'same-origin' } }))
        .status,
    ).toBe(405)
  })
})

describe('what must not be cached, is not:', () => {
  it('a response for which a query failed, though the app caught it', async () => {
    for (let i = 0; i < 3; i++) {
      const visit = await probe.visit('/caught')
      expect(JSON.parse(visit.body)).toEqual({ failed: true })
      expect(visit.hit).toBe(false)
    }
  })

  it('one that read the clock', async () => {
    const first = await probe.visit('/clock')
    expect(first.headers['cache-status']).toContain('clock')
    expect((await probe.visit('/clock')).hit).toBe(false)
  })
})

it("a client's own X-Forwarded-For and Forwarded change nothing", async () => {
  for (const headers of [
    {},
    { 'x-forwarded-for': '1.2.3.4' },
    { forwarded: 'for=1.2.3.4' },
    { 'x-forwarded-for': '1.2.3.4, 127.0.0.1', 'x-real-ip': '1.2.3.4' },
  ] as Record<string, string>[]) {
    expect(JSON.parse((await probe.visit('/address', { headers })).body)).toEqual({ address: '127.0.0.1' })
  }
})

describe('a second quintet up', () => {
  const up = (...args: string[]): Promise<{ code: number; output: string }> =>
    new Promise(resolve => {
      execFile(
        process.execPath,
        ['bin/quintet.js', 'up', '--root', 'test/probe', ...args],
        (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
      )
    })

  it('on a port that is taken names port and setting, and leaves nothing behind', async () => {
    const { code, output } = await up(
      '--set',
      `edge.http.port=${probe.band.httpPort}`,
      '--set',
      `stateDir=${probe.stateDir}/second`,
    )
    expect(code).toBe(1)
    expect(output).toContain('SERVE_PORT_TAKEN')
    expect(output).toContain(`:${probe.band.httpPort} (setting edge.http.port)`)
  })

  it('in the same folder says that it is up already', async () => {
    const { code, output } = await up('--set', `stateDir=${probe.stateDir}`)
    expect(code).toBe(1)
    expect(output).toContain('SERVE_ALREADY_RUNNING')
    expect(output).toContain(String(process.pid))
  })
})
