import { sharedReads } from '../cache/index.ts'
import type { TransactionOptions } from '../data/index.ts'
import type { Db } from './register.ts'

/** The data room's own transactions: nested ones are savepoints, serialization failures and deadlocks run again. */
export interface Transacting {
  readonly db: object
  /** A handle on the same pool whose queries are known by the mark. */
  marked(mark: string): object
  transaction(body: (tx: unknown) => Promise<unknown>, options?: TransactionOptions): Promise<unknown>
}

type Config = Parameters<Db['transaction']>[1]

/**
 * The app's Drizzle handle with `cached` beside, and whose `transaction` is the data room's: run again after a serialization failure or a
 * deadlock, so the callback must bear to be run more than once. What only Drizzle knows (deferrable) stays Drizzle's.
 */
export function withRetriedTransactions(database: Transacting): Db {
  const drizzle = database.db as Db
  const transaction = (body: (tx: unknown) => Promise<unknown>, config: Config = {}): Promise<unknown> => {
    const { isolationLevel, accessMode, deferrable } = config
    if (deferrable !== undefined || isolationLevel === 'read uncommitted') {
      return drizzle.transaction(body as Parameters<Db['transaction']>[0], config)
    }
    return database.transaction(body, {
      ...(isolationLevel ? { isolation: isolationLevel } : {}),
      ...(accessMode === 'read only' ? { readOnly: true } : {}),
    })
  }
  let cached: object | undefined
  return Object.create(drizzle, {
    transaction: { value: transaction },
    cached: { get: () => (cached ??= database.marked(sharedReads)) },
  }) as Db
}
