import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

type Drizzle = typeof import('drizzle-orm/node-postgres')

let loaded: Drizzle | undefined

/**
 * Drizzle on `pg`, loaded when it is first used: it takes about 180 MB and half a second, which processes without
 * models (feed, edge, supervisor) must not pay. By its file, so that it is the very copy that the app's models import.
 */
export function drizzlePg(): Drizzle {
  if (!loaded) {
    const file = fileURLToPath(import.meta.resolve('drizzle-orm/node-postgres'))
    loaded = createRequire(import.meta.url)(file) as Drizzle
  }
  return loaded
}
