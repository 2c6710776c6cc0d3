import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { NodePgDatabase, NodePgTransaction } from 'drizzle-orm/node-postgres'
import type { PgTransactionConfig } from 'drizzle-orm/pg-core'
import type { ExtractTablesWithRelations } from 'drizzle-orm/relations'
import type pg from 'pg'
import { isStalePlan } from './client.ts'
import { drizzlePg } from './drizzle.ts'
import type { RecordedPool } from './pool.ts'
import { transactionRetried } from './signals.ts'

export interface TransactionOptions {
  /** Default: the server's own, `read committed`. */
  readonly isolation?: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
  /** Only with serializable and read-only: wait for a snapshot that can't fail. */
  readonly deferrable?: boolean
  /** How often it is run again after a serialization failure or a deadlock; default 3. The callback must bear it. */
  readonly retries?: number
}

/** A Drizzle handle on the transaction's connection; its own `transaction` makes a savepoint. */
export type Transaction<Schema extends Record<string, unknown>> = NodePgTransaction<
  Schema,
  ExtractTablesWithRelations<Schema>
>

interface Running {
  readonly pool: RecordedPool
  readonly tx: Transaction<Record<string, unknown>>
  open: boolean
}

const running = new AsyncLocalStorage<Running>()
const firstPauseMs = 10
const longestPauseMs = 500

/**
 * Runs `body` in a transaction: committed when it returns, rolled back when it throws. Called inside another one on
 * the same database, it is a savepoint of that. A serialization failure (40001), a deadlock (40P01) or a plan that
 * a schema change made stale runs the outermost body again, after a pause with jitter.
 */
export async function runTransaction<Schema extends Record<string, unknown>, T>(
  pool: RecordedPool,
  schema: Schema | undefined,
  body: (tx: Transaction<Schema>) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const outer = running.getStore()
  if (outer?.pool === pool && outer.open) {
    return await outer.tx.transaction(tx => within(pool, tx as unknown as Transaction<Schema>, body))
  }
  const retries = options.retries ?? 3
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptOnce(pool, schema, body, options)
    } catch (error) {
      const code = retryCode(error)
      if (code === undefined || attempt > retries) throw error
      transactionRetried.emit(() => ({ attempt, code }))
      const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1))
      await delay(pauseMs * (0.5 + Math.random()))
    }
  }
}

async function attemptOnce<Schema extends Record<string, unknown>, T>(
  pool: RecordedPool,
  schema: Schema | undefined,
  body: (tx: Transaction<Schema>) => Promise<T>,
  options: TransactionOptions,
): Promise<T> {
  const client = await pool.checkOut()
  const handle = drizzlePg().drizzle(client as pg.PoolClient, { schema }) as NodePgDatabase<Schema>
  let failure: { error: unknown } | undefined
  try {
    return await handle.transaction(async tx => {
      try {
        return await within(pool, tx as Transaction<Schema>, body)
      } catch (error) {
        failure = { error }
        throw error
      }
    }, transactionConfig(options))
  } catch (error) {
    // When the connection broke, the ROLLBACK fails as well; the first error is the one to know.
    throw failure ? failure.error : error
  } finally {
    client.release()
  }
}

async function within<Schema extends Record<string, unknown>, T>(
  pool: RecordedPool,
  tx: Transaction<Schema>,
  body: (tx: Transaction<Schema>) => Promise<T>,
): Promise<T> {
  const scope: Running = { pool, tx: tx as unknown as Running['tx'], open: true }
  try {
    return await running.run(scope, () => body(tx))
  } finally {
    // What outlives the body (a promise nobody awaited) must not write into a finished transaction.
    scope.open = false
  }
}

function transactionConfig(options: TransactionOptions): PgTransactionConfig | undefined {
  const { isolation, readOnly, deferrable } = options
  if (isolation === undefined && readOnly === undefined && deferrable === undefined) return undefined
  return {
    ...(isolation ? { isolationLevel: isolation } : {}),
    ...(readOnly === undefined ? {} : { accessMode: readOnly ? 'read only' : 'read write' }),
    ...(deferrable === undefined ? {} : { deferrable }),
  }
}

/** Drizzle's own `db.transaction`, made to nest and to run again like ours. */
export function drizzleTransaction<Schema extends Record<string, unknown>>(
  pool: RecordedPool,
  schema: Schema | undefined,
): NodePgDatabase<Schema>['transaction'] {
  return (body, config) =>
    runTransaction(pool, schema, body as (tx: Transaction<Schema>) => ReturnType<typeof body>, {
      isolation: config?.isolationLevel,
      readOnly: config?.accessMode && config.accessMode === 'read only',
      deferrable: config?.deferrable,
    })
}

/** The SQLSTATE if running the transaction again may help; Drizzle wraps the driver's error, so causes count. */
function retryCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as { code?: string }
    if (code === '40001' || code === '40P01' || isStalePlan(current)) return code
  }
  return undefined
}
