import type { ObjectCache } from '../cache/index.ts'
import { currentShared } from './sharing.ts'

/** The cache at a path of namespaces; each call goes to the process's own. */
function at(find: () => ObjectCache): ObjectCache {
  return {
    get: key => find().get(key),
    getMany: keys => find().getMany(keys),
    set: (key, value, options) => find().set(key, value, options),
    setMany: (values, options) => find().setMany(values, options),
    getOrSet: (key, compute, options) => find().getOrSet(key, compute, options),
    delete: (...keys) => find().delete(...keys),
    deleteTag: (...tags) => find().deleteTag(...tags),
    increment: (key, by, options) => find().increment(key, by, options),
    lock: (key, body, options) => find().lock(key, body, options),
    namespace: name => at(() => find().namespace(name)),
    clear: () => find().clear(),
  }
}

/**
 * The object cache: values that the app sets by hand, with a time to live of its own choice. No commit purges them; a
 * page that uses one is kept no longer than the value may be. For what is computed from the database use
 * {@link cached}.
 *
 * ```ts
 * const rates = await cache.getOrSet('rates', () => fetchRates(), { ttl: '10m', tags: ['bank'] })
 * ```
 */
export const cache: ObjectCache = at(() => currentShared('cache').objects)
