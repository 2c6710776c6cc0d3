import { expect, test } from 'vitest'
import { HttpError } from '../outcome.ts'
import { createThrottle } from './throttle.ts'

function throttle() {
  let time = 1e6
  const { attempt } = createThrottle({ now: () => 0, monotonic: () => time })
  /** What it answers: the seconds to wait, or 0 for an attempt that may be made. */
  const wait = (account: string, address: string): number => {
    try {
      attempt(account, address)
      return 0
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 429) throw error
      return Number(error.headers['retry-after'])
    }
  }
  const pass = (ms: number): void => {
    time += ms
  }
  return { attempt, wait, pass }
}

test('an account has ten attempts, from wherever they come, then one a minute', () => {
  const { wait, pass } = throttle()
  for (let n = 0; n < 10; n++) expect(wait('ann@example.org', `203.0.113.${n}`)).toBe(0)
  expect(wait(' Ann@Example.org', '198.51.100.1')).toBe(60)
  expect(wait('bob@example.org', '203.0.113.1')).toBe(0)
  pass(59_000)
  expect(wait('ann@example.org', '198.51.100.1')).toBe(1)
  pass(1_000)
  expect(wait('ann@example.org', '198.51.100.1')).toBe(0)
  expect(wait('ann@example.org', '198.51.100.1')).toBe(60)
})

test.each([
  ['203.0.113.7', '203.0.113.7', '203.0.113.8'],
  ['2001:db8::1', '2001:DB8:0:0:ffff::2', '2001:db8:0:1::1'],
  ['::1', '0:0:0:0:1:2:3:4', '0:0:0:1::1'],
])('the address %s has fifty attempts together with %s, and %s its own', (one, same, another) => {
  const { wait, pass } = throttle()
  for (let n = 0; n < 50; n++) expect(wait(`a${n}@example.org`, n % 2 === 0 ? one : same)).toBe(0)
  expect(wait('last@example.org', same)).toBe(6)
  expect(wait('last@example.org', another)).toBe(0)
  pass(6_000)
  expect(wait('last@example.org', same)).toBe(0)
})

test('a right password costs nothing', () => {
  const { attempt, wait } = throttle()
  for (let n = 0; n < 200; n++) attempt('ann@example.org', '203.0.113.7')()
  for (let n = 0; n < 10; n++) expect(wait('ann@example.org', '203.0.113.7')).toBe(0)
  expect(wait('ann@example.org', '203.0.113.7')).toBe(60)
})

test('what it remembers is bounded', () => {
  const { wait } = throttle()
  for (let n = 0; n < 10; n++) wait('ann@example.org', '203.0.113.7')
  for (let n = 0; n < 9_999; n++) wait(`${n}@example.org`, `address ${n}`)
  expect(wait('ann@example.org', '198.51.100.1')).toBe(60)
  wait('one more', 'one more')
  expect(wait('ann@example.org', '198.51.100.1')).toBe(0)
})
