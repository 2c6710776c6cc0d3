import {
  computing,
  createObjectCache,
  memoryObjects,
  type ObjectCacheEngine,
  type SharedValues,
} from '../cache/index.ts'
import type { Log } from './context.ts'
import { errors } from './errors.ts'
import { quietLog } from './log.ts'
import type { Db } from './register.ts'
import { currentRendering, whileRendering } from './rendering.ts'
import type { Shared } from './shared.ts'

const defaultObjectBytes = 64 * 1024 ** 2

let root: Shared | undefined

/** Puts it together; what runs outside of requests uses what was put together last. */
export function createShared(options: {
  values: SharedValues
  engine: ObjectCacheEngine | undefined
  db: Db
  log: Log
}): Shared {
  const { values, db } = options
  const log = quietLog(options.log as never)
  const objects = createObjectCache({
    engine: options.engine ?? memoryObjects({ maxBytes: defaultObjectBytes }),
    around: (run, recorder, maxAgeMs) => whileRendering({ recorder, log, maxAgeMs, shared }, run),
  })
  const shared: Shared = { values, objects, db, log }
  root = shared
  return shared
}

/** Of the request that this code runs for, or the process's. Throws APP_NOT_STARTED. */
export function currentShared(call: string): Shared {
  const shared = currentRendering()?.shared ?? root
  if (!shared) throw errors.APP_NOT_STARTED({ call })
  return shared
}

/** Throws APP_PART_IN_CACHED while a value is computed that other requests will see as well. */
export function refuseWhileComputing(part: string): void {
  const within = computing()
  if (within !== undefined) throw errors.APP_PART_IN_CACHED({ within, part })
}
