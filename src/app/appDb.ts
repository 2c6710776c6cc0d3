import { sharedReads } from '../cache/index.ts'
import type { Db } from './register.ts'

/** Drizzle's handles on the app's database; a `Database` of the data room has them. */
export interface Handles {
  /** Its transactions nest, and run again after a serialization failure or a deadlock. */
  readonly db: object
  /** A handle on the same pool whose queries are known by the mark. */
  marked(mark: string): object
}

/** The app's `db`: the Drizzle handle with `cached` beside. */
export function appDb(database: Handles): Db {
  let cached: object | undefined
  return Object.create(database.db, {
    cached: { get: () => (cached ??= database.marked(sharedReads)) },
  }) as Db
}
