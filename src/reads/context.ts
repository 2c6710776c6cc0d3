import { AsyncLocalStorage } from 'node:async_hooks'
import type { Recorder } from './recorder.ts'

const context = new AsyncLocalStorage<Recorder | 'untracked'>()

/** Runs `fn`, and everything it awaits, with what it reads recorded in `recorder`. */
export function runRecorded<T>(recorder: Recorder, fn: () => T): T {
  return context.run(recorder, fn)
}

/** The recorder of the response being made in this async context. */
export function currentRecorder(): Recorder | undefined {
  const owner = context.getStore()
  return owner === 'untracked' ? undefined : owner
}

/**
 * For the framework's own queries and clock readings, whose results never reach a response (a position, a
 * health check): nothing in `fn` is recorded, and nothing in it counts as a read without an owner.
 */
export function untracked<T>(fn: () => T): T {
  return context.run('untracked', fn)
}

/** True inside {@link untracked}. */
export function isUntracked(): boolean {
  return context.getStore() === 'untracked'
}
