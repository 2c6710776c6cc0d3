import { LRUCache } from 'lru-cache'
import { type Clock, systemClock } from '../../core/index.ts'
import type { ObjectCacheEngine } from '../engine.ts'
import { errors } from '../errors.ts'

interface Cell {
  readonly value: Buffer
  /** By the monotonic clock; Infinity if it doesn't expire. */
  readonly endsAt: number
}

const bookkeepingBytes = 128

/** The values in this process's own memory, at most `maxBytes` with their keys; the longest unused go first. */
export function memoryObjects(options: { maxBytes: number; clock?: Clock }): ObjectCacheEngine {
  const clock = options.clock ?? systemClock
  const cells = new LRUCache<string, Cell>({
    maxSize: Math.max(1, options.maxBytes),
    sizeCalculation: ({ value }, key) => bookkeepingBytes + 2 * key.length + value.length,
  })

  function find(key: string): Cell | undefined {
    const cell = cells.get(key)
    if (cell === undefined || cell.endsAt > clock.monotonic()) return cell
    cells.delete(key)
    return undefined
  }

  const end = (ttlMs: number | undefined): number =>
    ttlMs === undefined ? Number.POSITIVE_INFINITY : clock.monotonic() + ttlMs

  return {
    name: 'memory',
    reach: 'process',
    get: async keys => keys.map(key => find(key)?.value),
    async set(key, value, { ttlMs, onlyIfAbsent } = {}) {
      if (onlyIfAbsent && find(key)) return false
      cells.set(key, { value, endsAt: end(ttlMs) })
      return true
    },
    async increment(key, by, { ttlMs } = {}) {
      const cell = find(key)
      const text = cell?.value.toString('latin1') ?? '0'
      if (!/^-?\d{1,15}$/.test(text)) throw errors.CACHE_NOT_A_COUNTER({ key })
      const sum = Number(text) + by
      cells.set(key, { value: Buffer.from(String(sum)), endsAt: cell?.endsAt ?? end(ttlMs) })
      return sum
    },
    async delete(keys) {
      for (const key of keys) cells.delete(key)
    },
    async deleteIf(key, value) {
      return find(key)?.value.equals(value) === true && cells.delete(key)
    },
    async close() {
      cells.clear()
    },
  }
}
