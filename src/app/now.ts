import { parseDuration, systemClock } from '../core/index.ts'
import type { NowOptions } from './context.ts'
import { currentRendering, noteVolatile } from './rendering.ts'

const RealDate = Date

/**
 * The time, as a read. `now()` keeps a page from being cached (unless it has a `maxAge`); `now({ every: '1m' })`
 * rounds down to the period, and the page is cached until the next one begins.
 */
export function now(options: NowOptions = {}): Date {
  const time = systemClock.now()
  if (options.every === undefined) {
    noteVolatile('read the clock', systemClock.now)
    return new RealDate(time)
  }
  const periodMs = Math.max(1, parseDuration(options.every))
  const begun = Math.floor(time / periodMs) * periodMs
  currentRendering()?.recorder.endsAt(begun + periodMs)
  return new RealDate(begun)
}
