import { useCached } from '../cache/index.ts'
import { parseDuration, systemClock } from '../core/index.ts'
import type { Log, RequestContext } from './context.ts'
import { errors } from './errors.ts'
import { now } from './now.ts'
import type { Db } from './register.ts'
import { currentRendering, whileRendering } from './rendering.ts'
import { currentShared } from './sharing.ts'

/** What a cached function may look at: nothing of the request, because others get its value too. */
export interface CachedContext {
  readonly db: Db
  readonly log: Log
  readonly now: RequestContext['now']
}

export interface CachedOptions {
  /** `'5m'`: allows the clock, randomness and outgoing requests, and keeps a value at most this long. */
  readonly maxAge?: string | number
}

/** Names are keys. */
const names = new Set<string>()

/**
 * A function whose value requests share, for each list of arguments: kept in the worker, purged by the commit log when
 * something that it read changes, never older than a page may be. Whoever uses the value has read what it read, so that
 * pages are purged with it. Of all who ask at once one computes; errors are not kept.
 *
 * Define it at the top level of a module. Arguments are plain data and belong to the key; the value is plain data, and
 * everybody gets a copy. Parts of the request can't be looked at inside (APP_PART_IN_CACHED): pass them as arguments.
 *
 * ```ts
 * const topTags = cached('topTags', async ({ db }, limit: number) =>
 *   db.select({ name: tags.name }).from(tags).orderBy(desc(tags.uses)).limit(limit))
 *
 * page('/', { load: async () => ({ tags: await topTags(10) }), … })
 * ```
 */
export function cached<Args extends readonly unknown[], Value>(
  name: string,
  fn: (context: CachedContext, ...args: Args) => Promise<Value> | Value,
  options: CachedOptions = {},
): (...args: Args) => Promise<Value> {
  if (currentRendering()) throw errors.APP_CACHED_IN_REQUEST({ name })
  if (names.has(name)) throw errors.APP_CACHED_TWICE({ name })
  names.add(name)
  const maxAgeMs = options.maxAge === undefined ? undefined : parseDuration(options.maxAge)
  return (...args) => {
    const shared = currentShared(`${name}()`)
    const { db, log } = shared
    return useCached<Value>(shared.values, {
      name,
      args,
      async run(recorder) {
        if (maxAgeMs !== undefined) {
          recorder.endsAt(systemClock.now() + maxAgeMs)
          recorder.allowAge()
        }
        return whileRendering({ recorder, log, maxAgeMs, shared }, async () => {
          // Awaited here: a Drizzle query runs only where it is awaited.
          return await fn({ db, log, now }, ...args)
        })
      },
    })
  }
}
