import { expect, test } from 'vitest'
import type { Clock } from '../../core/index.ts'
import { objectCacheEngineSuite } from '../engine.suite.ts'
import { memoryObjects } from './memory.ts'

let now = 0
const clock: Clock = { now: () => now, monotonic: () => now }

objectCacheEngineSuite({
  test,
  expect,
  create: async () => memoryObjects({ maxBytes: 1_000_000, clock }),
  pass: async ms => {
    now += ms
  },
  gaps: {
    shared: 'it is the memory of one process',
    restart: 'it ends with its process',
  },
})

test('memory is bounded by the bytes of keys and values; the longest unused go first', async () => {
  const engine = memoryObjects({ maxBytes: 10_000, clock })
  for (const key of ['a', 'b', 'c']) await engine.set(key, Buffer.alloc(3_000))
  await engine.get(['a'])
  await engine.set('d', Buffer.alloc(3_000))
  const found = await engine.get(['a', 'b', 'c', 'd'])
  expect(found.map(value => value !== undefined)).toEqual([true, false, true, true])
  // What is larger than all of it leaves nothing behind, not even the old value.
  await engine.set('a', Buffer.alloc(20_000))
  expect(await engine.get(['a'])).toEqual([undefined])
})
