import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import type { ClientContext } from './client.ts'
import { drizzlePg } from './drizzle.ts'
import type { QueryInterceptor } from './intercept.ts'
import { MarkedPool, RecordedPool } from './pool.ts'
import { parseLsn } from './position.ts'
import type { QueryListener, QueryOutcome } from './query.ts'
import { StatementNames } from './statements.ts'
import { drizzleTransaction, runTransaction, type TransactionOptions } from './transaction.ts'
import type { Transaction } from './transactionScope.ts'

export interface DatabaseOptions<Schema extends Record<string, unknown> = Record<string, never>> {
  readonly url: string
  /** Where the URL was set, for errors: `settings/production.ts`. */
  readonly origin?: string
  /** Most connections at a time; default 10. */
  readonly poolMax?: number
  /** A statement that runs longer is cancelled; default 30 000, 0 for no limit. */
  readonly statementTimeoutMs?: number
  /** How long a query waits for a free or a new connection; default 10 000. */
  readonly connectTimeoutMs?: number
  /** Default true. False where a pooler can't carry named statements (PgBouncer before 1.21). */
  readonly preparedStatements?: boolean
  /** Drizzle tables and relations, for `db.query`. */
  readonly schema?: Schema
  /** Shown in pg_stat_activity; default `quintet`. */
  readonly applicationName?: string
}

export interface Result<Row> {
  readonly rows: Row[]
  readonly rowCount: number
  readonly fields: Extract<QueryOutcome, { ok: true }>['fields']
}

/** The app's PostgreSQL: every way of asking it passes by the listeners, except `internal`. */
export interface Database<Schema extends Record<string, unknown> = Record<string, never>> {
  readonly url: string
  /** Drizzle on this database; its `transaction` nests and runs again as ours does. */
  readonly db: NodePgDatabase<Schema>
  /** Another Drizzle handle on the same pool; its queries outside transactions carry the mark to the interceptor. */
  marked(mark: string): NodePgDatabase<Schema>
  /** Runs one SQL text. Without values it may hold several statements; the result is then the last one's. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Result<Row>>
  /** See {@link runTransaction}. */
  transaction<T>(body: (tx: Transaction<Schema>) => Promise<T>, options?: TransactionOptions): Promise<T>
  /** Tells the listener every query from now on; returns the function that stops it. */
  listen(listener: QueryListener): () => void
  /** Asks the interceptor before each query outside of a transaction, instead of another one; returns the function that stops it. */
  intercept(interceptor: QueryInterceptor): () => void
  /** The framework's own queries, which listeners don't see. */
  readonly internal: {
    query<Row extends object = Record<string, unknown>>(
      text: string,
      values?: readonly unknown[],
    ): Promise<Result<Row>>
  }
  /**
   * How far the primary's log surely holds what this process has committed. With `synchronous_commit` off, a
   * commit returns before it is flushed, so it is the end of what was inserted then; the same once this process has
   * set it itself, if only for a transaction.
   */
  flushedLsn(): Promise<bigint>
  /** Closes the pool after running queries ended. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Opens a pool; nothing connects before the first query. Queries throw DATA_UNREACHABLE, DATA_POOL_BUSY, or the
 * driver's error with its SQLSTATE in `code` (through Drizzle it is the error's `cause`).
 *
 * ```ts
 * const database = createDatabase({ url })
 * const { rows } = await database.query('select title from articles where id = $1', [1])
 * ```
 */
export function createDatabase<Schema extends Record<string, unknown> = Record<string, never>>(
  options: DatabaseOptions<Schema>,
): Database<Schema> {
  const listeners = new Set<QueryListener>()
  const context: ClientContext = {
    listeners,
    names: options.preparedStatements === false ? undefined : new StatementNames(),
    target: 'primary',
  }
  const pool = new RecordedPool(
    {
      url: options.url,
      origin: options.origin,
      max: options.poolMax ?? 10,
      statementTimeoutMs: options.statementTimeoutMs ?? 30_000,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      applicationName: options.applicationName ?? 'quintet',
    },
    context,
  )
  function handleOn(client: RecordedPool | MarkedPool): NodePgDatabase<Schema> {
    const { schema } = options
    const handle = drizzlePg().drizzle(client as RecordedPool, { schema }) as NodePgDatabase<Schema>
    handle.transaction = drizzleTransaction(pool, schema)
    return handle
  }
  let db: NodePgDatabase<Schema> | undefined
  let closing: Promise<void> | undefined

  return {
    url: options.url,
    get db() {
      db ??= handleOn(pool)
      return db
    },
    marked: mark => handleOn(new MarkedPool(pool, mark)),
    query: async (text, values) => resultOf(await pool.query(text, values ? [...values] : undefined)),
    transaction: (body, transactionOptions) => runTransaction(pool, options.schema, body, transactionOptions),
    listen(listener) {
      // A wrapper, so that the same function may listen twice and each stops for itself.
      const entry: QueryListener = event => listener(event)
      listeners.add(entry)
      return () => void listeners.delete(entry)
    },
    intercept(interceptor) {
      context.interceptor = interceptor
      return () => {
        if (context.interceptor === interceptor) context.interceptor = undefined
      }
    },
    internal: {
      query: async (text, values) => resultOf(await pool.unrecorded(text, values ? [...values] : undefined)),
    },
    async flushedLsn() {
      const { rows } = await pool.unrecorded(context.commitsEarly ? insertedLsn : flushedLsn)
      return parseLsn((rows[0] as { lsn: string }).lsn)
    },
    close() {
      closing ??= pool.end()
      return closing
    },
  }
}

const insertedLsn = 'select pg_current_wal_insert_lsn() as lsn'
const flushedLsn = `select case current_setting('synchronous_commit') when 'off' then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn() end as lsn`

// biome-ignore lint/suspicious/noExplicitAny: rows are as the caller says
function resultOf(result: any): Result<any> {
  const last = Array.isArray(result) ? result[result.length - 1] : result
  return { rows: last.rows, rowCount: last.rowCount ?? 0, fields: last.fields }
}
