import { inArray, lt } from 'drizzle-orm'
import { type Clock, systemClock } from '../../core/index.ts'
import type { Db } from '../register.ts'
import type { Auth } from './define.ts'

const everyMs = 10 * 60_000
const mostRows = 1_000

/**
 * Deletes what has expired of sessions and verifications, at most every ten minutes and a thousand rows of each:
 * neither table needs an index for it, nor the app a schedule. Call it when somebody signs in.
 */
export function createExpiry(
  tables: Pick<Auth['tables'], 'sessions' | 'verifications'>,
  db: Db,
  clock: Clock = systemClock,
): () => Promise<void> {
  let last = Number.NEGATIVE_INFINITY
  return async () => {
    if (clock.monotonic() - last < everyMs) return
    last = clock.monotonic()
    for (const table of [tables.sessions, tables.verifications]) {
      const expired = db
        .select({ id: table.id })
        .from(table)
        .where(lt(table.expiresAt, new Date(clock.now())))
        .limit(mostRows)
        // Several workers may be at it.
        .for('update', { skipLocked: true })
      await db.delete(table).where(inArray(table.id, expired))
    }
  }
}
