import type { ObjectCache, SharedValues } from '../cache/index.ts'
import type { Log } from './context.ts'
import type { Db } from './register.ts'

/** What the requests of this process share. */
export interface Shared {
  readonly values: SharedValues
  readonly objects: ObjectCache
  readonly db: Db
  readonly log: Log
}
