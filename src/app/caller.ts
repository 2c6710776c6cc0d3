import { dirname, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getCallSites } from 'node:util'

/** This package's own sources (or its build). */
const ownFolder = dirname(dirname(fileURLToPath(import.meta.url))) + sep

/** Libraries that the framework runs on the app's behalf, within the app's context; none of them hands a time to a page. */
const drivers =
  /[\\/]node_modules[\\/](?:pg(?:-[a-z]+)*|pino(?:-[a-z]+)*|thread-stream|sonic-boom|fastify|find-my-way|avvio|light-my-request|better-auth|better-call|@better-auth|@better-fetch|drizzle-orm|undici)[\\/]/

const isTest = /\.test\.tsx?$|[\\/]fixtures[\\/]/

/** How many frames lie between the app's call and {@link isAppCode}: this function, `note` and the replacement. */
const ownFrames = 3
const framesLooked = 8

/**
 * Whether the clock was read by the app (or a library that it uses for its pages) rather than by the framework and
 * its drivers, by the file of the nearest caller that is not a part of Node. When in doubt it is the app.
 */
export function isAppCode(): boolean {
  for (const site of getCallSites(ownFrames + framesLooked).slice(ownFrames)) {
    const file = site.scriptName
    // `fetch` measures itself; that it was called is a read of its own.
    if (file.startsWith('node:internal/deps/undici')) return false
    if (file === '' || file.startsWith('node:')) continue
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    return !(drivers.test(path) || (path.startsWith(ownFolder) && !isTest.test(path)))
  }
  return true
}
