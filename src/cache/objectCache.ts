import { type Clock, parseDuration, systemClock } from '../core/index.ts'
import { currentRecorder, type Recorder } from '../reads/index.ts'
import { computationOwner, innermostWithin, runComputation } from './computation.ts'
import type { ObjectCacheEngine } from './engine.ts'
import { createEnvelopes, type Envelope } from './envelope.ts'
import { errors } from './errors.ts'
import { claim, type LockOptions, lockKey, whileLocked } from './objectLock.ts'
import { objectAsked } from './signals.ts'

/** How long a value may be kept, and what it can be deleted by. */
export interface KeepOptions {
  /** `'5m'` or milliseconds. Without it the value stays as long as memory allows, and no page that uses it is cached. */
  readonly ttl?: string | number | undefined
  /** Names that `deleteTag` deletes it by. */
  readonly tags?: readonly string[] | undefined
}

/**
 * Values that the app sets by hand. No commit purges them: a page that uses one is kept no longer than the value's own
 * end (`ttl`), and not at all if it has none, or was absent, or if the page changes something here (`increment`,
 * `delete`, a lock). For what is computed from the database `cached()` is exact, and needs no time to live.
 *
 * Keys are any text. Values are plain data (primitives, lists, plain objects, Date, Map, Set, RegExp, bytes; not
 * undefined); everybody gets a copy. What can't be kept so throws CACHE_VALUE_UNSTORABLE.
 */
export interface ObjectCache {
  /** The value, or undefined. A key that `increment` writes gives its number. */
  get<Value = unknown>(key: string): Promise<Value | undefined>
  /** Those that are there, by key. */
  getMany<Value = unknown>(keys: readonly string[]): Promise<Map<string, Value>>
  set(key: string, value: unknown, options?: KeepOptions): Promise<void>
  setMany(values: Readonly<Record<string, unknown>>, options?: KeepOptions): Promise<void>
  /**
   * The value, or what `compute` returns (kept, unless it is undefined). Of all who ask meanwhile, one computes. Parts
   * of a request can't be looked at inside: others get the value too.
   */
  getOrSet<Value>(key: string, compute: () => Promise<Value> | Value, options?: KeepOptions): Promise<Value>
  delete(...keys: readonly string[]): Promise<void>
  /** Deletes all values that were set with one of the tags. */
  deleteTag(...tags: readonly string[]): Promise<void>
  /** Adds to a counter at once; an absent one begins at 0 with `ttl`. Throws CACHE_NOT_A_COUNTER. */
  increment(key: string, by?: number, options?: Pick<KeepOptions, 'ttl'>): Promise<number>
  /** Runs the body while nobody else holds the lock; not at all if it isn't free within `wait`. */
  lock<Value>(
    key: string,
    body: () => Promise<Value>,
    options?: LockOptions,
  ): Promise<{ readonly acquired: true; readonly value: Value } | { readonly acquired: false }>
  /** The same cache with keys and tags of its own. */
  namespace(name: string): ObjectCache
  /** Deletes all values of this namespace (not those of namespaces in it). */
  clear(): Promise<void>
}

export interface ObjectCacheOptions {
  readonly engine: ObjectCacheEngine
  readonly clock?: Clock
  /** Runs a computation of `getOrSet` as the app's code runs, which may depend on the clock for `ttlMs`. */
  readonly around?: <Value>(run: () => Value, recorder: Recorder, ttlMs: number | undefined) => Value
}

/** How long others wait for the process that computes before they do it themselves. */
const claimMs = 10_000

export function createObjectCache(options: ObjectCacheOptions): ObjectCache {
  const spaces = new Map<string, ObjectCache>()
  const space = (name: string): ObjectCache => {
    const known = spaces.get(name) ?? createSpace(options, name, space)
    spaces.set(name, known)
    return known
  }
  return space('')
}

interface Flight {
  /** Set once it is begun. */
  computing: Promise<Envelope>
  /** The key was written or deleted meanwhile: what it computes is nobody's but those who wait. */
  dropped: boolean
}

function createSpace(
  options: ObjectCacheOptions,
  name: string,
  space: (name: string) => ObjectCache,
): ObjectCache {
  const { engine } = options
  const clock = options.clock ?? systemClock
  const around = options.around ?? (<Value>(run: () => Value): Value => run())
  const envelopes = createEnvelopes(engine, name, clock)
  const flights = new Map<string, Flight>()

  /** What a page may do that used a value which ends then; null: never, undefined: there is none. */
  function noteUse(key: string, endsAt: number | null | undefined): void {
    const recorder = currentRecorder()
    if (!recorder) return
    if (typeof endsAt === 'number') recorder.endsAt(endsAt)
    else if (endsAt === null) recorder.veto(`"${key}" in the object cache has no time to live`)
    else recorder.veto(`"${key}" was not in the object cache`)
  }

  function noteChange(what: string): void {
    currentRecorder()?.veto(`it changes the object cache: ${what}`)
  }

  const ttlOf = ({ ttl }: Pick<KeepOptions, 'ttl'>): number | undefined =>
    ttl === undefined ? undefined : parseDuration(ttl)

  async function compute<Value>(
    key: string,
    body: () => Promise<Value> | Value,
    { tags = [], ...keep }: KeepOptions,
    flight: Flight,
  ): Promise<Envelope> {
    const ttlMs = ttlOf(keep)
    // Before anything is read: a tag that is deleted meanwhile deletes this value too.
    const stamp = await envelopes.stamp(tags)
    const computation = {
      kind: 'function' as const,
      name: `cache.getOrSet("${key}")`,
      compute: async (recorder: Recorder) => around(async () => await body(), recorder, ttlMs),
      bytes: () => 0,
    }
    const done = await runComputation(`o${name}\0${key}`, computation, {
      explain: false,
      owner: computationOwner(),
    })
    if (!done.ok) throw done.error
    const endsAt = ttlMs === undefined ? null : clock.now() + ttlMs
    if (done.value === undefined) return { value: undefined, endsAt }
    const bytes = envelopes.write(done.value, computation.name, endsAt, stamp)
    if (!flight.dropped) await engine.set(envelopes.key(key), bytes, ttlMs === undefined ? {} : { ttlMs })
    // From the bytes, as later ones will have it.
    return { value: done.value, endsAt, bytes }
  }

  /** The lock is across processes; within one, `inFlight` has seen to it already. */
  async function computeOnce<Value>(
    key: string,
    body: () => Promise<Value> | Value,
    keep: KeepOptions,
    flight: Flight,
  ): Promise<Envelope> {
    if (engine.reach === 'process') return compute(key, body, keep, flight)
    const release = await claim(engine, lockKey(envelopes.key(key)), {
      ttlMs: claimMs,
      waitMs: claimMs,
      isSettled: async () => (await envelopes.read([key]))[0] !== undefined,
    })
    try {
      const [meanwhile] = await envelopes.read([key])
      return meanwhile ?? (await compute(key, body, keep, flight))
    } finally {
      await release?.()
    }
  }

  function drop(keys: Iterable<string>): void {
    for (const key of [...keys]) {
      const flight = flights.get(key)
      if (flight) flight.dropped = true
      flights.delete(key)
    }
  }

  const self: ObjectCache = {
    async get(key) {
      const [found] = await envelopes.read([key])
      objectAsked.emit(() => ({ key, hit: found !== undefined }))
      noteUse(key, found?.endsAt)
      return found?.value as never
    },
    async getMany(keys) {
      const all = await envelopes.read(keys)
      const found = new Map<string, never>()
      keys.forEach((key, index) => {
        const one = all[index]
        objectAsked.emit(() => ({ key, hit: one !== undefined }))
        noteUse(key, one?.endsAt)
        if (one) found.set(key, one.value as never)
      })
      return found
    },
    set: (key, value, keep = {}) => self.setMany({ [key]: value }, keep),
    async setMany(values, { tags = [], ...keep } = {}) {
      const ttlMs = ttlOf(keep)
      const endsAt = ttlMs === undefined ? null : clock.now() + ttlMs
      drop(Object.keys(values))
      const stamp = await envelopes.stamp(tags)
      const written = Object.entries(values).map(([key, value]) => {
        noteUse(key, endsAt)
        return [envelopes.key(key), envelopes.write(value, `"${key}"`, endsAt, stamp)] as const
      })
      await Promise.all(
        written.map(([key, bytes]) => engine.set(key, bytes, ttlMs === undefined ? {} : { ttlMs })),
      )
    },
    async getOrSet(key, body, keep = {}) {
      const within = innermostWithin(`o${name}\0${key}`)
      if (within !== undefined) throw errors.CACHE_COMPUTATION_CIRCLE({ name: within, within })
      const [found] = await envelopes.read([key])
      objectAsked.emit(() => ({ key, hit: found !== undefined }))
      if (found) {
        noteUse(key, found.endsAt)
        return found.value as never
      }
      let flight = flights.get(key)
      if (!flight) {
        const begun: Flight = { computing: undefined as never, dropped: false }
        flights.set(key, begun)
        begun.computing = computeOnce(key, body, keep, begun).finally(() => {
          if (flights.get(key) === begun) flights.delete(key)
        })
        flight = begun
      }
      const settle = currentRecorder()?.begin()
      try {
        const computed = await flight.computing
        noteUse(key, computed.endsAt)
        return (computed.bytes ? envelopes.open(computed.bytes).value : computed.value) as never
      } finally {
        settle?.()
      }
    },
    async delete(...keys) {
      noteChange(`delete ${keys.map(key => `"${key}"`).join(', ')}`)
      drop(keys)
      await envelopes.remove(() => engine.delete(keys.map(envelopes.key)))
    },
    async deleteTag(...tags) {
      noteChange(`deleteTag ${tags.map(tag => `"${tag}"`).join(', ')}`)
      drop(flights.keys())
      await envelopes.remove(() => envelopes.renew(tags))
    },
    increment(key, by = 1, keep = {}) {
      noteChange(`increment "${key}"`)
      const ttlMs = ttlOf(keep)
      return engine.increment(envelopes.key(key), by, ttlMs === undefined ? {} : { ttlMs })
    },
    async lock(key, body, lockOptions = {}) {
      noteChange(`lock "${key}"`)
      return whileLocked(engine, lockKey(envelopes.key(key)), body, lockOptions)
    },
    namespace: inner => space(`${name}/${inner.replaceAll('/', '//')}`),
    async clear() {
      noteChange('clear')
      drop(flights.keys())
      await envelopes.remove(() => envelopes.renew())
    },
  }
  return self
}
