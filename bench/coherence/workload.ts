import { readFileSync } from 'node:fs'
import type { Visit } from './conduit.ts'

/**
 * `conduit-workload.json`, frozen: which pages of the seeded Conduit are in the cache, and which writes come, in
 * order (raw SQL; seven of ten about articles and people that are on a cached page).
 */
export interface Workload {
  /** Who is signed in. */
  readonly people: readonly string[]
  readonly visits: readonly Visit[]
  readonly writes: readonly string[]
}

export function readWorkload(): Workload {
  return JSON.parse(readFileSync(new URL('conduit-workload.json', import.meta.url), 'utf8')) as Workload
}
