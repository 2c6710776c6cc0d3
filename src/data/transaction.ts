import { setTimeout as delay } from 'node:timers/promises'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { isStalePlan } from './client.ts'
import type { RecordedPool } from './pool.ts'
import { transactionRetried } from './signals.ts'
import { type Transaction, TransactionScope } from './transactionScope.ts'

export interface TransactionOptions {
  /** Default: the server's own, `read committed`. */
  readonly isolation?: 'read uncommitted' | 'read committed' | 'repeatable read' | 'serializable'
  readonly readOnly?: boolean
  /** Only with serializable and read-only: wait for a snapshot that can't fail. */
  readonly deferrable?: boolean
  /** How often it is run again after a serialization failure or a deadlock; default 3. The callback must bear it. */
  readonly retries?: number
}

const firstPauseMs = 10
const longestPauseMs = 500

/**
 * Runs `body` in a transaction: committed when it returns, rolled back when it throws. Called inside another one on
 * the same database, it is a savepoint of that; several at once run one behind the other (see {@link TransactionScope}),
 * so a nested transaction must not wait for one that was begun after it. A serialization failure (40001), a deadlock
 * (40P01) or a plan that a schema change made stale runs the outermost body again, after a pause with jitter.
 */
export async function runTransaction<Schema extends Record<string, unknown>, T>(
  pool: RecordedPool,
  schema: Schema | undefined,
  body: (tx: Transaction<Schema>) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const scope = TransactionScope.current(pool)
  if (scope) return await scope.nest(tx => body(tx as unknown as Transaction<Schema>))
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
  try {
    const scope = new TransactionScope(pool, client, { schema })
    await client.query(beginText(options))
    try {
      const result = await scope.run(tx => body(tx as unknown as Transaction<Schema>))
      await client.query('commit')
      return result
    } catch (error) {
      // When the connection broke, this fails as well; the first error is the one to know.
      await client.query('rollback').catch(() => {})
      throw error
    }
  } finally {
    client.release()
  }
}

function beginText({ isolation, readOnly, deferrable }: TransactionOptions): string {
  let text = 'begin'
  if (isolation) text += ` isolation level ${isolation}`
  if (readOnly !== undefined) text += readOnly ? ' read only' : ' read write'
  if (deferrable !== undefined) text += deferrable ? ' deferrable' : ' not deferrable'
  return text
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
