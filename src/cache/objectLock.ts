import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { parseDuration } from '../core/index.ts'
import type { ObjectCacheEngine } from './engine.ts'

export interface LockOptions {
  /** After this a holder that died, or takes longer, loses the lock. Default 30s. */
  readonly ttl?: string | number
  /** How long to wait for the lock. Default 0: not at all. */
  readonly wait?: string | number
}

const pollMs = 20

export const lockKey = (key: string): string => `l${key}`

/** Takes a lock and returns its release; undefined if it was not free in time, or what it is for is settled. */
export async function claim(
  engine: ObjectCacheEngine,
  key: string,
  options: { ttlMs: number; waitMs: number; isSettled?: () => Promise<boolean> },
): Promise<(() => Promise<void>) | undefined> {
  const token = randomBytes(16)
  const giveUpAt = performance.now() + options.waitMs
  for (;;) {
    if (await engine.set(key, token, { ttlMs: options.ttlMs, onlyIfAbsent: true })) {
      // Only its own: after `ttlMs` somebody else may hold it.
      return async () => void (await engine.deleteIf(key, token))
    }
    if (performance.now() >= giveUpAt || (await options.isSettled?.())) return undefined
    await pause(pollMs)
  }
}

/** Runs the body while holding the lock; not at all if it was not free in time. */
export async function whileLocked<Value>(
  engine: ObjectCacheEngine,
  key: string,
  body: () => Promise<Value>,
  options: LockOptions,
): Promise<{ acquired: true; value: Value } | { acquired: false }> {
  const release = await claim(engine, key, {
    ttlMs: parseDuration(options.ttl ?? '30s'),
    waitMs: parseDuration(options.wait ?? 0),
  })
  if (!release) return { acquired: false }
  try {
    return { acquired: true, value: await body() }
  } finally {
    await release()
  }
}
