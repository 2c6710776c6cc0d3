import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Recorder } from '../reads/index.ts'
import { installRecordedClock } from './clock.ts'
import { now } from './now.ts'
import { outsideRendering, whileRendering } from './rendering.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} } as never
let undo: () => void
beforeAll(() => {
  undo = installRecordedClock()
})
afterAll(() => undo())

async function recorded(run: () => unknown, maxAgeMs?: number) {
  const recorder = new Recorder()
  await whileRendering({ recorder, log: quiet, maxAgeMs, shared: undefined as never }, async () => run())
  return recorder.close()
}

const clock = ['read the clock']
const chance = ['read a random value']

test.each<[string, () => unknown, string[]]>([
  ['new Date()', () => new Date(), clock],
  ['Date()', () => Date(), clock],
  ['Date.now()', () => Date.now(), clock],
  ['Date.now taken apart', () => [1].map(Date.now), clock],
  ['performance.now()', () => performance.now(), clock],
  ['process.hrtime()', () => process.hrtime(), clock],
  ['process.hrtime.bigint()', () => process.hrtime.bigint(), clock],
  ['a formatter without a date', () => new Intl.DateTimeFormat('en').format(), clock],
  ['a subclass of Date', () => new (class extends Date {})(), clock],
  ['Math.random()', () => Math.random(), chance],
  ['randomUUID imported by name', () => randomUUID(), chance],
  ['randomBytes', () => randomBytes(4), chance],
  ['crypto.randomUUID()', () => crypto.randomUUID(), chance],
  ['crypto.getRandomValues()', () => crypto.getRandomValues(new Uint8Array(2)), chance],
  ['now()', () => now(), clock],
  [
    'after an await',
    async () => {
      await null
      return Date.now()
    },
    clock,
  ],
  ['a given date', () => new Date(0).toISOString() + new Date('2026-01-01').getTime(), []],
  ['Date.parse and Date.UTC', () => Date.parse('2026-01-01') + Date.UTC(2026), []],
  ['a formatter with a date', () => new Intl.DateTimeFormat('en').format(0), []],
  ['the framework', () => outsideRendering(() => Date.now()), []],
])('%s', async (_, run, vetoes) => {
  expect((await recorded(run)).vetoes).toEqual(vetoes)
})

test('dates stay dates', () => {
  expect(new Date()).toBeInstanceOf(Date)
  expect(new Date(5).getTime()).toBe(5)
  expect(new Date(5).constructor).toBe(Date)
  expect(
    new (class extends Date {
      double() {
        return this.getTime() * 2
      }
    })(4).double(),
  ).toBe(8)
  expect(Date.name).toBe('Date')
})

test('outside of a render nothing is noted, and values still come', () => {
  expect(Date.now()).toBeGreaterThan(1.7e12)
  expect(randomUUID()).toMatch(/^[0-9a-f-]{36}$/)
})

test('a page with maxAge may read the clock, and ends in time', async () => {
  const before = Date.now()
  const record = await recorded(() => Date.now() + Math.random(), 60_000)
  expect(record.vetoes).toEqual([])
  expect(record.endsAt).toBeGreaterThanOrEqual(before + 60_000)
  expect(record.endsAt).toBeLessThanOrEqual(Date.now() + 60_000)
})

test('now({ every }) rounds down and ends the page at the next period', async () => {
  let seen = new Date(0)
  const record = await recorded(() => {
    seen = now({ every: '1h' })
  })
  expect(seen.getTime() % 3_600_000).toBe(0)
  expect(record).toMatchObject({ vetoes: [], endsAt: seen.getTime() + 3_600_000 })
})
