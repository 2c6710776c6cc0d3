import { expect, test } from 'vitest'
import { Freshness } from './freshness.ts'

function fakeClock() {
  const clock = { wall: 1_000_000, mono: 500, now: () => clock.wall, monotonic: () => clock.mono }
  return Object.assign(clock, {
    pass(ms: number) {
      clock.wall += ms
      clock.mono += ms
    },
  })
}

test('freshness dates from when the answered ping was sent, not from its answer', () => {
  const clock = fakeClock()
  const freshness = new Freshness(300, clock)
  expect(freshness.fresh()).toBe(false)
  const sent = freshness.sent()
  clock.pass(250)
  freshness.answered(sent)
  expect(freshness.fresh()).toBe(true)
  clock.pass(50)
  expect(freshness.fresh()).toBe(true)
  clock.pass(1)
  expect(freshness.fresh()).toBe(false)
})

test('an answer that waited in a buffer makes nothing fresh', () => {
  const clock = fakeClock()
  const freshness = new Freshness(300, clock)
  const old = freshness.sent()
  clock.pass(10_000)
  freshness.answered(old)
  expect(freshness.fresh()).toBe(false)
  const current = freshness.sent()
  freshness.answered(current)
  freshness.answered(old)
  expect(freshness.fresh()).toBe(true)
})

test.for([
  ['the wall clock is set forward', 301, 0],
  ['the wall clock is set back', -301, 0],
  ['the machine slept and its monotonic clock with it', 10_000, 0],
  ['the monotonic clock jumps', 0, 301],
])('%s: stale, until the next answered ping', ([, wall, mono]) => {
  const clock = fakeClock()
  const freshness = new Freshness(300, clock)
  freshness.answered(freshness.sent())
  clock.wall += wall as number
  clock.mono += mono as number
  expect(freshness.fresh()).toBe(false)
  freshness.answered(freshness.sent())
  expect(freshness.fresh()).toBe(true)
})

test('a lost feed makes stale at once', () => {
  const clock = fakeClock()
  const freshness = new Freshness(300, clock)
  freshness.answered(freshness.sent())
  freshness.lose()
  expect(freshness.fresh()).toBe(false)
})
