export { createFlights, type Flight, type Flights } from './coalesce.ts'
export { createDependencyIndex, type DependencyIndex } from './dependencyIndex.ts'
export type { Entry } from './entry.ts'
export type { LastPurge } from './lastPurge.ts'
export { matches } from './match.ts'
export {
  createPageStore,
  type Fill,
  type PageStore,
  type PageStoreOptions,
  type PageStoreStats,
} from './pageStore.ts'
export { isLasting, type Refusal } from './refusal.ts'
export {
  type PageResponse,
  type Representation,
  type Representations,
  representations,
  withCacheControl,
} from './representation.ts'
export { isPersonal, onlyParts, type PageRequest, pageKey, partValue } from './variant.ts'
