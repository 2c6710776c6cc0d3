export { type CachedCall, useCached } from './cached.ts'
export { createFlights, type Flight, type Flights } from './coalesce.ts'
export { computing } from './computation.ts'
export { createDependencyIndex, type DependencyIndex } from './dependencyIndex.ts'
export { type EngineSuite, type Guarantee, objectCacheEngineSuite } from './engine.suite.ts'
export type { ObjectCacheEngine } from './engine.ts'
export { memoryObjects } from './engines/memory.ts'
export type { Entry } from './entry.ts'
export type { LastPurge } from './lastPurge.ts'
export { matches } from './match.ts'
export {
  createObjectCache,
  type KeepOptions,
  type ObjectCache,
  type ObjectCacheOptions,
} from './objectCache.ts'
export type { LockOptions } from './objectLock.ts'
export {
  createPageStore,
  type Fill,
  type PageStore,
  type PageStoreOptions,
  type PageStoreStats,
} from './pageStore.ts'
export { cacheQueries, type QueryCacheOptions, sharedReads } from './queryCache.ts'
export { isLasting, type Refusal } from './refusal.ts'
export {
  type PageResponse,
  type Representation,
  type Representations,
  representations,
  withCacheControl,
} from './representation.ts'
export {
  createSharedValues,
  type Outcome,
  type SharedValues,
  type SharedValuesOptions,
  type SharedValuesStats,
  type Since,
} from './sharedValues.ts'
export { pagePurged, pagesDropped } from './signals.ts'
export { isPersonal, onlyParts, type PageRequest, pageKey, partValue } from './variant.ts'
