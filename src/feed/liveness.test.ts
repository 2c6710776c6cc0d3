import { expect, test } from 'vitest'
import type { DedicatedConnection } from '../data/index.ts'
import { Liveness } from './liveness.ts'

function connection(answer: Promise<unknown>): DedicatedConnection & { questions: number } {
  const fake = {
    questions: 0,
    query() {
      fake.questions++
      return answer
    },
  }
  return fake as never
}

test('a silent walsender is given up, unless it is held back', () => {
  let now = 0
  const liveness = new Liveness(10, () => now)
  now = 10
  expect(liveness.verdict()).toBeUndefined()
  now = 11
  expect(liveness.verdict()).toMatch(/walsender/)
  liveness.heard()
  expect(liveness.verdict()).toBeUndefined()
  liveness.hold(true)
  now = 1_000
  expect(liveness.verdict()).toBeUndefined()
  liveness.hold(false)
  now = 1_010
  expect(liveness.verdict()).toBeUndefined()
  now = 1_011
  expect(liveness.verdict()).toMatch(/walsender/)
})

test('a connection that does not answer is asked once, and then given up', async () => {
  let now = 0
  const liveness = new Liveness(10, () => now)
  const dead = connection(new Promise(() => {}))
  const alive = connection(Promise.resolve([]))
  for (now = 0; now <= 10; now++) {
    liveness.heard()
    liveness.ask(dead)
    liveness.ask(alive)
    await Promise.resolve()
  }
  expect(dead.questions).toBe(1)
  expect(alive.questions).toBeGreaterThan(5)
  expect(liveness.verdict()).toMatch(/no longer answers/)
})
