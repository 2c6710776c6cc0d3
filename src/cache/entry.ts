import type { Position } from '../data/index.ts'
import type { Dependency } from '../reads/index.ts'
import type { PageResponse, Representations } from './representation.ts'
import type { PageRequest, VariantSpec } from './variant.ts'

/** A stored page: its variant, what it depends on, and the position it was made at. */
export interface Entry {
  /** Host and path. */
  readonly key: string
  readonly spec: VariantSpec
  /** The values of the spec's parts. */
  readonly variant: string
  /** The request it answered, cut down to the recorded parts: enough to make the page again. */
  readonly request: PageRequest
  readonly dependencies: readonly Dependency[]
  readonly position: Position
  readonly build: string
  /** Wall-clock milliseconds. */
  readonly madeAt: number
  /** Wall-clock milliseconds after which it is no longer valid; null if never. */
  readonly endsAt: number | null
  readonly response: PageResponse
  readonly pages: Representations
  /** True if it was made for somebody: it read a cookie or Authorization that was there. */
  readonly forSomebody: boolean
  /** How often it was served since it was made. */
  hits: number
  /** Counts up with every hit in the store, so that the most recently hit can be told. */
  lastHit: number
}
