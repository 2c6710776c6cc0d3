import type { ObjectCacheEngine } from './engine.ts'

/** The test runner's `test`, as far as the suite uses it. */
export type SuiteTest = (name: string, body: () => Promise<void>) => void
/** The test runner's `expect`, as far as the suite uses it. */
export type SuiteExpect = (value: unknown) => {
  toBe(expected: unknown): void
  toEqual(expected: unknown): void
  rejects: { toThrow(message: string): Promise<void> }
}

export interface EngineSuite {
  readonly test: SuiteTest
  readonly expect: SuiteExpect
  /** An engine on an empty store; the suite closes it. With `beside`, another process's engine on that one's store. */
  readonly create: (beside?: ObjectCacheEngine) => Promise<ObjectCacheEngine>
  /** Lets time pass for the store: by its clock, or really. */
  readonly pass: (ms: number) => Promise<void>
  /** Restarts the store as a crash does, where it outlives its process. */
  readonly restart?: (engine: ObjectCacheEngine) => Promise<void>
  /** Guarantees that the engine doesn't give, each with its reason; their tests are replaced by one that says so. */
  readonly gaps?: Partial<Record<Guarantee, string>>
}

/** What an engine may declare that it lacks. */
export type Guarantee = 'negative counters' | 'shared' | 'restart'

/** What every engine of the object cache must do; see `engine.ts`. */
export function objectCacheEngineSuite(suite: EngineSuite): void {
  const { expect, create, pass, restart, gaps = {} } = suite
  const test = (name: string, body: (engine: ObjectCacheEngine) => Promise<void>): void =>
    suite.test(name, async () => {
      const engine = await create()
      try {
        await body(engine)
      } finally {
        await engine.close()
      }
    })
  const testOf = (
    guarantee: Guarantee,
    name: string,
    body: (engine: ObjectCacheEngine) => Promise<void>,
  ): void => {
    const gap = gaps[guarantee]
    if (gap === undefined) test(name, body)
    // Shown among the tests, so that a gap is never silent; its reason must be given.
    else suite.test(`gap: ${name} (${gap})`, async () => expect(gap.length > 0).toBe(true))
  }
  const text = async (engine: ObjectCacheEngine, ...keys: string[]): Promise<(string | undefined)[]> =>
    (await engine.get(keys)).map(value => value?.toString('latin1'))
  const bytes = (value: string): Buffer => Buffer.from(value, 'latin1')

  test('gives back exactly the bytes that were set, in the order of the keys', async engine => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    await engine.set('a', all)
    await engine.set('empty', Buffer.alloc(0))
    const [absent, empty, a] = await engine.get(['nothing', 'empty', 'a'])
    expect(absent).toBe(undefined)
    expect(empty?.length).toBe(0)
    expect(a?.equals(all)).toBe(true)
  })

  test('takes keys of 200 bytes of visible ASCII, and tells them apart', async engine => {
    const key = '!~'.repeat(100)
    await engine.set(key, bytes('long'))
    expect(await text(engine, key, key.slice(0, -1))).toEqual(['long', undefined])
  })

  test('the last set wins, as a whole', async engine => {
    await engine.set('a', bytes('a much longer first value'))
    expect(await engine.set('a', bytes('second'))).toBe(true)
    expect(await text(engine, 'a')).toEqual(['second'])
  })

  test('a value is gone once its time is over, and one set without a time then stays', async engine => {
    await engine.set('short', bytes('1'), { ttlMs: 1_000 })
    await engine.set('replaced', bytes('1'), { ttlMs: 1_000 })
    await engine.set('replaced', bytes('2'))
    expect(await text(engine, 'short', 'replaced')).toEqual(['1', '2'])
    await pass(2_100)
    expect(await text(engine, 'short', 'replaced')).toEqual([undefined, '2'])
  })

  test('of many who set only if absent, one succeeds; after its end another may', async engine => {
    const claims = await Promise.all(
      ['1', '2', '3', '4', '5'].map(one =>
        engine.set('claim', bytes(one), { onlyIfAbsent: true, ttlMs: 1_000 }),
      ),
    )
    expect(claims.filter(Boolean).length).toBe(1)
    expect(await engine.set('claim', bytes('6'), { onlyIfAbsent: true })).toBe(false)
    await pass(2_100)
    expect(await engine.set('claim', bytes('7'), { onlyIfAbsent: true })).toBe(true)
  })

  test('deletes what is named and nothing else, and what is absent without complaint', async engine => {
    await engine.set('a', bytes('1'))
    await engine.set('b', bytes('2'))
    await engine.delete(['a', 'nothing'])
    await engine.delete([])
    expect(await text(engine, 'a', 'b')).toEqual([undefined, '2'])
  })

  test('deleteIf deletes only the value that is meant', async engine => {
    await engine.set('lock', bytes('mine'))
    expect(await engine.deleteIf('lock', bytes('another'))).toBe(false)
    expect(await text(engine, 'lock')).toEqual(['mine'])
    expect(await engine.deleteIf('lock', bytes('mine'))).toBe(true)
    expect(await engine.deleteIf('lock', bytes('mine'))).toBe(false)
    expect(await text(engine, 'lock')).toEqual([undefined])
  })

  test('loses no increment, and shows the number in decimal', async engine => {
    const sums = await Promise.all(Array.from({ length: 20 }, () => engine.increment('n', 3)))
    expect([...sums].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 3 * (i + 1)))
    expect(await text(engine, 'n')).toEqual(['60'])
  })

  test('a counter ends when it was begun to, however often it is incremented', async engine => {
    await engine.increment('n', 1, { ttlMs: 1_000 })
    await engine.increment('n', 1, { ttlMs: 600_000 })
    await pass(2_100)
    expect(await engine.increment('n', 1)).toBe(1)
  })

  testOf('negative counters', 'a counter may go below zero', async engine => {
    expect(await engine.increment('n', -2)).toBe(-2)
    expect(await engine.increment('n', 1)).toBe(-1)
  })

  test('refuses to increment what is no number', async engine => {
    await engine.set('word', bytes('seven'))
    await expect(engine.increment('word', 1)).rejects.toThrow('CACHE_NOT_A_COUNTER')
    expect(await text(engine, 'word')).toEqual(['seven'])
  })

  testOf('shared', 'what one process has done, another sees at once', async engine => {
    const other = await create(engine)
    try {
      await engine.set('a', bytes('1'))
      expect(await text(other, 'a')).toEqual(['1'])
      await other.delete(['a'])
      expect(await text(engine, 'a')).toEqual([undefined])
      const sums = await Promise.all([engine, other, engine, other].map(one => one.increment('n', 1)))
      expect([...sums].sort()).toEqual([1, 2, 3, 4])
      const claims = await Promise.all(
        [engine, other].map(one => one.set('claim', bytes(one.name), { onlyIfAbsent: true })),
      )
      expect(claims.filter(Boolean).length).toBe(1)
    } finally {
      await other.close()
    }
  })

  testOf(
    'restart',
    'nothing that was deleted or replaced comes back with a restart of the store',
    async engine => {
      await engine.set('deleted', bytes('1'))
      await engine.set('replaced', bytes('1'))
      await engine.delete(['deleted'])
      await engine.set('replaced', bytes('2'))
      await restart?.(engine)
      const [deleted, replaced] = await text(engine, 'deleted', 'replaced')
      expect(deleted).toBe(undefined)
      expect(replaced === undefined || replaced === '2').toBe(true)
    },
  )
}
