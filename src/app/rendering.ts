import { AsyncLocalStorage } from 'node:async_hooks'
import type { Recorder } from '../reads/index.ts'
import type { Log } from './context.ts'
import type { Shared } from './shared.ts'

/**
 * That the app's own code is running for a request. It is set only around loads, views, layouts, actions and
 * handlers, so that what the framework itself does around them (ids, log lines, time-outs) is no read.
 */
export interface Rendering {
  readonly recorder: Recorder
  readonly log: Log
  /** Milliseconds that a page with `maxAge` may be kept: it may read the clock, but no longer than that. */
  readonly maxAgeMs: number | undefined
  /** What requests share. */
  readonly shared: Shared
}

const storage = new AsyncLocalStorage<Rendering | undefined>()

export function currentRendering(): Rendering | undefined {
  return storage.getStore()
}

/** Runs the app's code. */
export function whileRendering<T>(rendering: Rendering, run: () => T): T {
  return storage.run(rendering, run)
}

/** Runs the framework's or a library's code on behalf of the app's: its clock reads don't count. */
export function outsideRendering<T>(run: () => T): T {
  return storage.run(undefined, run)
}

/** Notes something that is different each time (the clock, chance, another server): a veto, or the end of a `maxAge`. */
export function noteVolatile(what: string, now: () => number): void {
  const rendering = storage.getStore()
  if (!rendering) return
  if (rendering.maxAgeMs === undefined) rendering.recorder.veto(what)
  else rendering.recorder.endsAt(now() + rendering.maxAgeMs)
}
