import { beforeEach, describe, expect, test } from 'vitest'
import type { Clock } from '../core/index.ts'
import { Recorder, runRecorded } from '../reads/index.ts'
import { computing } from './computation.ts'
import type { ObjectCacheEngine } from './engine.ts'
import { memoryObjects } from './engines/memory.ts'
import { createObjectCache, type ObjectCache } from './objectCache.ts'

let now = 1_000_000
const clock: Clock = { now: () => now, monotonic: () => now }
let engine: ObjectCacheEngine
let cache: ObjectCache
beforeEach(() => {
  engine = memoryObjects({ maxBytes: 1_000_000, clock })
  cache = createObjectCache({ engine, clock })
})

test('keeps plain data, and gives everybody a copy', async () => {
  const value = {
    text: 'é',
    list: [1, null, undefined, -0, 10n],
    at: new Date(5),
    map: new Map([['a', new Set([1])]]),
    bytes: Buffer.from([0, 255]),
    pattern: /x/g,
  }
  await cache.set('k', value)
  const [first, second] = [await cache.get<typeof value>('k'), await cache.get<typeof value>('k')]
  expect(first).toEqual(value)
  first?.list.push(2)
  first?.at.setFullYear(1999)
  expect(second).toEqual(value)
  expect(await cache.get('k')).toEqual(value)
  expect(await cache.get('nothing')).toBeUndefined()
})

test('refuses what would come back as something else, and names the place', async () => {
  class Money {}
  await expect(cache.set('k', { list: [{ price: new Money() }] })).rejects.toThrow(
    /CACHE_VALUE_UNSTORABLE.*"k".*it\.list\[0\]\.price is an instance of Money/,
  )
  await expect(cache.set('k', new Map([['a', () => 1]]))).rejects.toThrow('a function')
  await expect(cache.set('k', Symbol('s'))).rejects.toThrow('a symbol')
  expect(await cache.get('k')).toBeUndefined()
})

test('keys are any text, and do not run into those of tags, locks and namespaces', async () => {
  const keys = ['', ' ', 'é\n', 'x'.repeat(1_000), `${'x'.repeat(999)}y`, '#', 'n0::', 'lv0::a', '/a', 'a/b']
  for (const key of keys) await cache.set(key, `value of ${key}`)
  const inner = cache.namespace('a')
  expect(cache.namespace('a')).toBe(inner)
  await inner.set('b', 'inner')
  await cache.namespace('a/b').set('', 'innermost')
  await inner.namespace('b').set('', 'another')
  for (const key of keys) expect(await cache.get(key)).toBe(`value of ${key}`)
  expect(await inner.get('b')).toBe('inner')
  expect(await cache.namespace('a/b').get('')).toBe('innermost')
  await inner.clear()
  expect(await inner.get('b')).toBeUndefined()
  expect(await inner.namespace('b').get('')).toBe('another')
  expect(await cache.get('a/b')).toBe('value of a/b')
})

test('many at once', async () => {
  await cache.setMany({ a: 1, b: { c: 2 } }, { ttl: '1s' })
  expect(await cache.getMany(['a', 'x', 'b'])).toEqual(
    new Map<string, unknown>([
      ['a', 1],
      ['b', { c: 2 }],
    ]),
  )
  await cache.delete('a', 'x')
  expect([...(await cache.getMany(['a', 'b'])).keys()]).toEqual(['b'])
  now += 1_000
  expect(await cache.getMany(['a', 'b'])).toEqual(new Map())
})

test('a tag deletes all that was set with it, whatever was computed before it and is set after', async () => {
  await cache.set('a', 1, { tags: ['red', 'blue'] })
  await cache.set('b', 2, { tags: ['red'] })
  await cache.set('c', 3)
  await cache.deleteTag('blue')
  expect([...(await cache.getMany(['a', 'b', 'c'])).keys()]).toEqual(['b', 'c'])

  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const late = cache.getOrSet(
    'd',
    async () => {
      begun.resolve()
      await gate.promise
      return 'of before'
    },
    { tags: ['red'] },
  )
  await begun.promise
  await cache.deleteTag('red')
  const anew = cache.getOrSet('d', async () => 'of after', { tags: ['red'] })
  gate.resolve()
  expect(await late).toBe('of before')
  expect(await anew).toBe('of after')
  expect(await cache.get('d')).toBe('of after')
  expect(await cache.get('b')).toBeUndefined()
})

test('what was deleted or set while it was computed is not overwritten', async () => {
  for (const interrupt of [() => cache.delete('k'), () => cache.set('k', 'by hand'), () => cache.clear()]) {
    await cache.delete('k')
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const slow = cache.getOrSet('k', async () => {
      begun.resolve()
      await gate.promise
      return 'computed'
    })
    await begun.promise
    await interrupt()
    const before = await cache.get('k')
    gate.resolve()
    expect(await slow).toBe('computed')
    expect(await cache.get('k')).toBe(before)
  }
})

describe('getOrSet', () => {
  test('computes once for all who ask, and gives each a copy', async () => {
    let computed = 0
    const make = async () => {
      computed++
      await Promise.resolve()
      return { n: computed }
    }
    const all = await Promise.all(Array.from({ length: 10 }, () => cache.getOrSet('k', make, { ttl: '1m' })))
    expect(all).toEqual(Array.from({ length: 10 }, () => ({ n: 1 })))
    expect(new Set(all).size).toBe(10)
    expect(await cache.getOrSet('k', make)).toEqual({ n: 1 })
    now += 60_000
    expect(await cache.getOrSet('k', make)).toEqual({ n: 2 })
  })

  test('keeps neither errors nor undefined', async () => {
    const failing = async () => {
      throw new Error('no luck')
    }
    const both = [cache.getOrSet('k', failing), cache.getOrSet('k', failing)]
    expect((await Promise.allSettled(both)).map(one => one.status)).toEqual(['rejected', 'rejected'])
    expect(await cache.getOrSet('k', () => undefined)).toBeUndefined()
    expect(await cache.getOrSet('k', () => 1)).toBe(1)
  })

  test('fails where it would wait for itself', async () => {
    const circle = (): Promise<number> => cache.getOrSet('k', circle)
    await expect(circle()).rejects.toThrow('CACHE_COMPUTATION_CIRCLE')
  })

  test('what it computes belongs to all, and says so to whom a request’s parts are read by', async () => {
    expect(await cache.getOrSet('k', () => computing())).toBe('cache.getOrSet("k")')
    expect(computing()).toBeUndefined()
  })

  test('of several processes one computes, and the others have its value', async () => {
    const shared: ObjectCacheEngine = { ...engine, reach: 'shared' }
    const processes = [
      createObjectCache({ engine: shared, clock }),
      createObjectCache({ engine: shared, clock }),
    ]
    const gate = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    let computed = 0
    const make = async () => {
      computed++
      begun.resolve()
      await gate.promise
      return 'once'
    }
    const first = processes[0]?.getOrSet('k', make)
    await begun.promise
    const second = processes[1]?.getOrSet('k', make)
    gate.resolve()
    expect(await Promise.all([first, second])).toEqual(['once', 'once'])
    expect(computed).toBe(1)
    // The lock is free again.
    await processes[1]?.delete('k')
    expect(await processes[1]?.getOrSet('k', async () => 'again')).toBe('again')
  })
})

test('counters count, end, and are no value of another kind', async () => {
  expect(await cache.increment('n', 5, { ttl: '1s' })).toBe(5)
  expect(await cache.increment('n')).toBe(6)
  expect(await cache.get('n')).toBe(6)
  now += 1_000
  expect(await cache.increment('n', -1)).toBe(-1)
  await cache.set('k', 1)
  await expect(cache.increment('k')).rejects.toThrow('CACHE_NOT_A_COUNTER')
})

test('a lock lets one in at a time, and is released by errors too', async () => {
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const first = cache.lock('job', async () => {
    begun.resolve()
    await gate.promise
    return 'first'
  })
  await begun.promise
  expect(await cache.lock('job', async () => 'second')).toEqual({ acquired: false })
  expect(await cache.lock('other', async () => 'other')).toEqual({ acquired: true, value: 'other' })
  const waiting = cache.lock('job', async () => 'third', { wait: '10s' })
  gate.resolve()
  expect(await first).toEqual({ acquired: true, value: 'first' })
  expect(await waiting).toEqual({ acquired: true, value: 'third' })
  await expect(
    cache.lock('job', async () => {
      throw new Error('no luck')
    }),
  ).rejects.toThrow('no luck')
  expect(await cache.lock('job', async () => 'fourth')).toEqual({ acquired: true, value: 'fourth' })
})

test('a holder that took too long does not release another’s lock', async () => {
  const gate = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  const slow = cache.lock(
    'job',
    async () => {
      begun.resolve()
      await gate.promise
    },
    { ttl: '1s' },
  )
  await begun.promise
  now += 1_000
  const inner = await cache.lock('job', async () => {
    gate.resolve()
    await slow
    return cache.lock('job', async () => 'both')
  })
  expect(inner).toEqual({ acquired: true, value: { acquired: false } })
})

describe('a page', () => {
  const page = async (body: () => Promise<unknown>) => {
    const recorder = new Recorder()
    await runRecorded(recorder, body)
    return recorder.close()
  }

  test.each<[string, () => Promise<unknown>]>([
    ['sets', () => cache.set('k', 1, { ttl: '1m' })],
    ['gets', () => cache.get('ending')],
    ['gets many', () => cache.getMany(['ending'])],
    ['computes', () => cache.getOrSet('k', () => 1, { ttl: '1m' })],
    ['would have computed', () => cache.getOrSet('ending', () => 1)],
  ])('that %s a value with a ttl ends with it', async (_, body) => {
    await cache.set('ending', 1, { ttl: '1m' })
    expect(await page(body)).toMatchObject({ vetoes: [], endsAt: now + 60_000 })
  })

  test.each<[string, () => Promise<unknown>, string]>([
    ['sets a value without a ttl', () => cache.set('k', 1), '"k" in the object cache has no time to live'],
    ['gets one', () => cache.get('lasting'), '"lasting" in the object cache has no time to live'],
    ['computes one', () => cache.getOrSet('k', () => 1), '"k" in the object cache has no time to live'],
    ['finds none', () => cache.get('absent'), '"absent" was not in the object cache'],
    ['reads a counter', () => cache.get('counter'), '"counter" in the object cache has no time to live'],
    ['counts', () => cache.increment('n'), 'it changes the object cache: increment "n"'],
    ['deletes', () => cache.delete('a', 'b'), 'it changes the object cache: delete "a", "b"'],
    ['deletes a tag', () => cache.deleteTag('t'), 'it changes the object cache: deleteTag "t"'],
    ['clears', () => cache.clear(), 'it changes the object cache: clear'],
    ['locks', () => cache.lock('job', async () => 1), 'it changes the object cache: lock "job"'],
  ])('that %s is not kept', async (_, body, veto) => {
    await cache.set('lasting', 1)
    await cache.increment('counter')
    expect((await page(body)).vetoes).toEqual([veto])
  })
})

test('after a removal that failed nothing is found until the namespace was renewed', async () => {
  let isDown = false
  const guarded =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      if (isDown) throw new Error('unreachable')
      return call(...args)
    }
  const own = createObjectCache({
    engine: { ...engine, get: engine.get, set: guarded(engine.set), delete: guarded(engine.delete) },
    clock,
  })
  await own.set('a', 'kept')
  await own.set('b', 'kept')
  isDown = true
  await expect(own.delete('a')).rejects.toThrow('unreachable')
  expect(await own.get('a')).toBeUndefined()
  isDown = false
  expect(await own.get('a')).toBeUndefined()
  expect(await cache.get('b')).toBeUndefined()
  await own.set('b', 'new')
  expect(await own.get('b')).toBe('new')
})
