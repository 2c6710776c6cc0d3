import { beforeEach, expect, test } from 'vitest'
import type { Clock } from '../core/index.ts'
import type { Change } from '../feed/index.ts'
import { type Dependency, Recorder, runRecorded } from '../reads/index.ts'
import { createFakeFeed, type FakeFeed } from '../testing/fakeFeed.ts'
import type { Computation } from './computation.ts'
import { createSharedValues, type SharedValues } from './sharedValues.ts'

let feed: FakeFeed
let values: SharedValues
let now = 1_000_000
const clock: Clock = { now: () => now, monotonic: () => now }
beforeEach(() => {
  feed = createFakeFeed()
  values = createSharedValues({ feed, maxBytes: 100_000, clock })
})

const dependency: Dependency = { table: 'public.t', equals: { id: ['1'] }, columns: ['name'] }
const update = (id: string): Change => ({
  kind: 'update',
  table: 'public.t',
  old: { id, name: 'old' },
  new: { id, name: 'new' },
  changed: ['name'],
})

/** A request that begins now, and what it reads through `values`. */
function request(options: { client?: ReturnType<FakeFeed['ahead']>; position?: null } = {}) {
  const recorder = new Recorder()
  values.admit(recorder, {
    position: options.position === null ? null : feed.position,
    client: options.client,
  })
  return {
    recorder,
    use: (key: string, make: Partial<Computation<string>> = {}) =>
      runRecorded(recorder, () => values.use(key, computation(make))),
  }
}

let made = 0
function computation(parts: Partial<Computation<string>> = {}): Computation<string> {
  return {
    kind: 'function',
    name: 'value',
    async compute(recorder) {
      recorder.depend(dependency)
      return `made ${++made}`
    },
    bytes: value => value.length,
    ...parts,
  }
}

/** A computation that waits until it is let go on. */
function held(value = 'held') {
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  const compute = async (recorder: Recorder): Promise<string> => {
    recorder.depend(dependency)
    begun.resolve()
    await gate.promise
    return value
  }
  return { compute, begun: begun.promise, go: () => gate.resolve() }
}

test('a second request gets the first one’s value, and all that it read', async () => {
  const first = await request().use('k')
  const second = request()
  expect(await second.use('k')).toBe(first)
  expect(second.recorder.close()).toMatchObject({ dependencies: [dependency], vetoes: [] })
  expect(values.stats()).toMatchObject({ hits: 1, made: 1, entries: 1 })
})

test('a change of what was read removes the value before the position says so; another change does not', async () => {
  const first = await request().use('k')
  feed.commit([update('2')])
  expect(await request().use('k')).toBe(first)
  let keptWhenListenersRan: boolean | undefined
  feed.onTransaction(() => {
    keptWhenListenersRan = values.has('k')
  })
  feed.commit([update('1')])
  expect(keptWhenListenersRan).toBe(false)
  expect(await request().use('k')).not.toBe(first)
  expect(values.stats().purged).toBe(1)
})

test('a change of everything, and a reset, remove even what read nothing', async () => {
  const nothing = { compute: async () => `made ${++made}` }
  const first = await request().use('k', nothing)
  feed.commit([{ kind: 'everything', reason: 'DDL' }])
  const second = await request().use('k', nothing)
  expect(second).not.toBe(first)
  feed.reset('e2')
  expect(await request().use('k', nothing)).not.toBe(second)
})

test('a value begun before a commit that changes what it read is not kept', async () => {
  const slow = held('old')
  const using = request().use('k', slow)
  await slow.begun
  feed.commit([update('1')])
  slow.go()
  expect(await using).toBe('old')
  expect(values.has('k')).toBe(false)
  expect(values.stats().refused).toBe(1)
})

test('a value begun before a commit that it did not read is kept', async () => {
  const slow = held()
  const using = request().use('k', slow)
  await slow.begun
  feed.commit([update('2')])
  slow.go()
  await using
  expect(values.has('k')).toBe(true)
})

const pushedOut = (): void => {
  feed.advance()
  feed.forget()
}

test('a value begun in another epoch, or longer ago than the feed remembers, is not kept', async () => {
  for (const interrupt of [() => feed.reset('e2'), pushedOut]) {
    const slow = held()
    const using = request().use('k', slow)
    await slow.begun
    interrupt()
    slow.go()
    await using
    expect(values.has('k')).toBe(false)
  }
})

test('of requests at the same time one computes', async () => {
  const slow = held()
  const first = request().use('k', slow)
  await slow.begun
  const joiner = request()
  const second = joiner.use('k')
  slow.go()
  expect(await Promise.all([first, second])).toEqual(['held', 'held'])
  expect(joiner.recorder.close().dependencies).toEqual([dependency])
  expect(values.stats()).toMatchObject({ joined: 1, made: 1 })
})

test('a request that began after a commit does not join what was begun before it', async () => {
  const slow = held('old')
  const first = request().use('k', slow)
  await slow.begun
  feed.commit([update('1')])
  const late = await request().use('k', { compute: async () => 'new' })
  expect(late).toBe('new')
  slow.go()
  expect(await first).toBe('old')
  expect(await request().use('k')).toBe('new')
})

test('a request that began before the commit may join, and its record tells what it read', async () => {
  const early = request()
  const slow = held('old')
  const first = request().use('k', slow)
  await slow.begun
  feed.commit([update('1')])
  const joined = early.use('k')
  slow.go()
  expect(await joined).toBe('old')
  await first
  // Its position is before the commit: the fill check at the edge refuses its page by this dependency.
  expect(early.recorder.close().dependencies).toEqual([dependency])
})

test('an error reaches all who wait, with what was read, and is not kept', async () => {
  const gate = Promise.withResolvers<void>()
  const failing = {
    compute: async (recorder: Recorder): Promise<string> => {
      recorder.depend(dependency)
      await gate.promise
      throw new Error('no luck')
    },
  }
  const [first, second] = [request(), request()]
  const both = [first.use('k', failing), second.use('k', failing)]
  gate.resolve()
  expect((await Promise.allSettled(both)).map(one => one.status)).toEqual(['rejected', 'rejected'])
  expect(second.recorder.close()).toMatchObject({ dependencies: [dependency], vetoes: [] })
  expect(await request().use('k')).toMatch(/made/)
  expect(values.stats().made).toBe(2)
})

test.each([
  ['vetoed', (recorder: Recorder) => recorder.veto('read the clock'), ['read the clock']],
  [
    'that wrote',
    (recorder: Recorder) => recorder.wrote(),
    ['the request wrote to the database, or may have'],
  ],
  [
    'with a read that never ended',
    (recorder: Recorder) => recorder.begin(),
    ['1 read(s) were still pending when the response ended'],
  ],
])('a value %s is not kept, and vetoes its user', async (_, spoil, vetoes) => {
  const user = request()
  await user.use('k', {
    compute: async recorder => {
      spoil(recorder)
      return 'spoilt'
    },
  })
  expect(user.recorder.close().vetoes).toEqual(vetoes)
  expect(values.has('k')).toBe(false)
})

test('a value ends when what it read does, and so do its users', async () => {
  const ending = {
    compute: async (recorder: Recorder) => {
      recorder.endsAt(now + 1_000)
      return `made ${++made}`
    },
  }
  const first = await request().use('k', ending)
  const user = request()
  expect(await user.use('k', ending)).toBe(first)
  expect(user.recorder.close().endsAt).toBe(now + 1_000)
  now += 1_000
  expect(await request().use('k', ending)).not.toBe(first)
})

test.each([
  ['while the feed is not fresh', () => feed.setFresh(false), () => request()],
  ['to a request that began without a feed', () => {}, () => request({ position: null })],
  [
    'to a request of an epoch that is gone',
    () => {},
    () => {
      const old = request()
      feed.reset('e2')
      return old
    },
  ],
  [
    'to a recorder that nobody admitted',
    () => {},
    () => {
      const recorder = new Recorder()
      return { recorder, use: (key: string) => runRecorded(recorder, () => values.use(key, computation())) }
    },
  ],
  [
    'to a request that has written',
    () => {},
    () => {
      const writer = request()
      writer.recorder.wrote()
      return writer
    },
  ],
])('nothing is shared %s', async (_, prepare, make) => {
  await request().use('k')
  prepare()
  const user = make()
  await user.use('k')
  await user.use('k')
  expect(values.stats()).toMatchObject({ hits: 0, alone: 2 })
  expect(user.recorder.close().dependencies).toEqual([dependency])
})

test('a client that is ahead waits for the feed, and gets what was purged meanwhile anew', async () => {
  const first = await request().use('k')
  const user = request({ client: feed.ahead(0x10n) })
  const waiting = user.use('k')
  feed.commit([update('1')])
  expect(await waiting).not.toBe(first)
  expect(values.stats()).toMatchObject({ hits: 0, made: 2 })
})

test('a client that stays ahead reads for itself, and waits only once', async () => {
  await request().use('k')
  const user = request({ client: feed.ahead(0x1000n) })
  const { reached } = feed
  let waits = 0
  feed.reached = (target, timeoutMs) => {
    waits++
    return reached(target, timeoutMs)
  }
  for (let n = 0; n < 3; n++) await user.use('k')
  expect(waits).toBe(1)
  expect(values.stats()).toMatchObject({ hits: 0, alone: 3 })
})

test('a client of an unknown epoch shares once this process has seen all that was committed', async () => {
  const first = await request().use('k')
  expect(await request({ client: { epoch: 'unknown', lsn: 0n } }).use('k')).toBe(first)
})

test('a client that was ahead does not join a computation begun behind it', async () => {
  const slow = held('old')
  const first = request().use('k', slow)
  await slow.begun
  const client = feed.ahead(0x10n)
  feed.commit([update('1')])
  expect(await request({ client }).use('k', { compute: async () => 'new' })).toBe('new')
  slow.go()
  await first
})

test('values compose: what an inner one read belongs to the outer one too', async () => {
  const inner: Dependency = { table: 'public.inner', equals: {}, columns: null }
  const outer = {
    compute: async (): Promise<string> =>
      `<${await values.use(
        'inner',
        computation({
          compute: async recorder => {
            recorder.depend(inner)
            return `made ${++made}`
          },
        }),
      )}>`,
  }
  const first = await request().use('outer', outer)
  const user = request()
  expect(await user.use('outer', outer)).toBe(first)
  expect(user.recorder.close().dependencies).toEqual([inner])
  feed.commit([{ kind: 'table', table: 'public.inner' }])
  expect(values.stats().entries).toBe(0)
})

test('values that wait for each other fail instead of waiting for ever', async () => {
  const circle = { compute: async (): Promise<string> => values.use('k', computation(circle)) }
  await expect(request().use('k', circle)).rejects.toThrow('CACHE_COMPUTATION_CIRCLE')
  feed.setFresh(false)
  await expect(request().use('k', circle)).rejects.toThrow('CACHE_COMPUTATION_CIRCLE')
  feed.setFresh(true)

  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const
  const waitingFor = (own: 0 | 1, other: string): Partial<Computation<string>> => ({
    compute: async () => {
      both[own].resolve()
      await both[(1 - own) as 0 | 1].promise
      return values.use(other, computation())
    },
  })
  const results = await Promise.allSettled([
    request().use('a', waitingFor(0, 'b')),
    request().use('b', waitingFor(1, 'a')),
  ])
  expect(results.some(one => one.status === 'rejected' && String(one.reason).includes('CIRCLE'))).toBe(true)
})

test('a response that ends before its value came is not complete', async () => {
  const slow = held()
  const user = request()
  const using = user.use('k', slow)
  await slow.begun
  expect(user.recorder.close().vetoes).toEqual(['1 read(s) were still pending when the response ended'])
  slow.go()
  await using
})

test('memory is bounded: the longest unused value goes, and no change finds it any more', async () => {
  values = createSharedValues({ feed, maxBytes: 40_000, clock })
  const big = { bytes: () => 9_000 }
  for (const key of ['a', 'b', 'c', 'd']) await request().use(key, big)
  await request().use('a', big)
  await request().use('e', big)
  expect(values.stats().bytes).toBeLessThanOrEqual(40_000)
  expect(['a', 'b', 'e'].map(key => values.has(key))).toEqual([true, false, true])
  await request().use('huge', { bytes: () => 20_000 })
  expect(values.has('huge')).toBe(false)
  feed.commit([update('1')])
  expect(values.stats()).toMatchObject({ entries: 0, bytes: 0 })
})

test('a computation does not run in the context of the request that happened to be first', async () => {
  const { AsyncLocalStorage } = await import('node:async_hooks')
  const storage = new AsyncLocalStorage<string>()
  const user = request()
  const seen = await storage.run('one request', () =>
    user.use('k', { compute: async () => String(storage.getStore()) }),
  )
  expect(seen).toBe('undefined')
})
