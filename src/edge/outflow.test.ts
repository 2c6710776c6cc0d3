import { once } from 'node:events'
import { PassThrough, Readable, Writable } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { createOutflow } from './outflow.ts'
import type { EdgeResponse } from './respond.ts'

afterEach(() => vi.useRealTimers())

/** A client that reads when it is told to, and keeps what it has read. */
function client() {
  const held: (() => void)[] = []
  const read: Buffer[] = []
  const stream = new Writable({
    highWaterMark: 1_000,
    write(chunk, _, done) {
      held.push(() => {
        read.push(chunk)
        done()
      })
    },
  })
  return {
    response: stream as unknown as EdgeResponse,
    stream,
    held,
    bytes: () => Buffer.concat(read),
    readOn: () => {
      for (const go of held.splice(0)) go()
    },
  }
}

test('a body of usual size is read whole however slowly its client reads, and arrives whole', async () => {
  const body = Readable.from(Array.from({ length: 90 }, (_, n) => Buffer.alloc(10_000, n)))
  const slow = client()
  const sent = createOutflow({ stallMs: 60_000 }).send(body, slow.response)
  await once(body, 'end')
  expect(slow.held).toHaveLength(1)
  let done = false
  sent.then(() => {
    done = true
  })
  while (!done || !slow.stream.writableFinished) {
    slow.readOn()
    await new Promise(resolve => setImmediate(resolve))
  }
  const whole = slow.bytes()
  expect(whole).toHaveLength(900_000)
  expect([whole[0], whole[450_000], whole[899_999]]).toEqual([0, 45, 89])
})

test('a larger one waits for its client once enough was read ahead', async () => {
  const body = new PassThrough()
  const slow = client()
  const sent = createOutflow({ stallMs: 60_000 }).send(body, slow.response)
  while (body.write(Buffer.alloc(65_536)) || !body.isPaused())
    await new Promise(resolve => setImmediate(resolve))
  expect(body.isPaused()).toBe(true)
  body.destroy()
  await expect(sent).rejects.toThrow()
  expect(slow.stream.destroyed).toBe(true)
})

test('who reads nothing is cut off after the time to stall, who has nothing to read is not', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  const outflow = createOutflow({ stallMs: 10_000 })
  const stalled = new PassThrough()
  const quiet = new PassThrough()
  const cut = outflow.send(stalled, client().response).catch(error => error.code)
  const waiting = client()
  const open = outflow.send(quiet, waiting.response)
  stalled.write(Buffer.alloc(2_000))
  await new Promise(resolve => setImmediate(resolve))
  vi.advanceTimersByTime(9_000)
  expect(stalled.destroyed).toBe(false)
  vi.advanceTimersByTime(2_000)
  expect(await cut).toBe('EDGE_CLIENT_STALLED')
  expect(stalled.destroyed).toBe(true)
  vi.advanceTimersByTime(60_000)
  quiet.end()
  await open
})

test('while too many answers hold a worker, the longest stalled are cut after a second', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
  const outflow = createOutflow({ stallMs: 60_000 })
  const bodies = Array.from({ length: 130 }, () => new PassThrough())
  for (const body of bodies) outflow.send(body, client().response).catch(() => {})
  for (const body of bodies) {
    body.write(Buffer.alloc(2_000))
    await new Promise(resolve => setImmediate(resolve))
    vi.advanceTimersByTime(1)
  }
  vi.advanceTimersByTime(3_000)
  expect(bodies.map(body => body.destroyed).lastIndexOf(true)).toBe(1)
  expect(bodies.filter(body => body.destroyed)).toHaveLength(2)
  for (const body of bodies) body.destroy()
})
