import { afterEach, beforeEach, expect, test } from 'vitest'
import { formatPosition } from '../data/index.ts'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import { createClientPositions } from './clientPosition.ts'

let own: EdgeUnderTest
beforeEach(async () => {
  own = await startEdge()
})
afterEach(() => own.close())

const told = (): unknown => own.worker.seen.at(-1)?.headers['quintet-client-position']

test('a worker is told how fresh the client must be served, once that is verified', async () => {
  const position = own.feed.position
  if (!position) throw new Error('no position')
  const signed = createClientPositions(own.settings.secret).sign(position)
  await own.fetch('/by-header', { headers: { 'quintet-position': signed } })
  expect(told()).toBe(formatPosition(position))
  await own.fetch('/by-cookie', { headers: { cookie: `theme=dark; quintet-position=${signed}` } })
  expect(told()).toBe(formatPosition(position))
  expect(own.worker.seen.at(-1)?.headers.cookie).toBe('theme=dark')
  await own.fetch('/write', { method: 'POST', headers: { 'quintet-position': signed }, body: '' })
  expect(told()).toBe(formatPosition(position))
})

test('what a client says itself is not passed on, nor what it did not get from us', async () => {
  await own.fetch('/said', { headers: { 'quintet-client-position': 'e1:0/100' } })
  expect(told()).toBeUndefined()
  await own.fetch('/forged', { headers: { 'quintet-position': `e1:0/100.${'A'.repeat(43)}` } })
  expect(told()).toBeUndefined()
})
