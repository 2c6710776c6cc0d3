import { AsyncLocalStorage } from 'node:async_hooks'
import type { NodePgTransaction } from 'drizzle-orm/node-postgres'
import type { PgDialect } from 'drizzle-orm/pg-core'
import type { ExtractTablesWithRelations, RelationalSchemaConfig } from 'drizzle-orm/relations'
import type pg from 'pg'
import { drizzlePg } from './drizzle.ts'
import { errors } from './errors.ts'
import type { RecordedPool } from './pool.ts'

/** A Drizzle handle on the transaction's connection; its own `transaction` makes a savepoint. */
export type Transaction<Schema extends Record<string, unknown>> = NodePgTransaction<
  Schema,
  ExtractTablesWithRelations<Schema>
>

type AnyTransaction = Transaction<Record<string, unknown>>
type Relations = RelationalSchemaConfig<ExtractTablesWithRelations<Record<string, unknown>>> | undefined

const running = new AsyncLocalStorage<TransactionScope>()

/**
 * One transaction or savepoint while its body runs; Drizzle's handle holds it in place of the connection.
 *
 * A connection has one line of savepoints, so what one scope is asked for at once goes one behind the other: a
 * nested transaction waits until the one before has ended, and a query through the outer handle waits until no
 * nested one is open (else the failure of a stranger would take it back). Code inside the nested body that uses the
 * outer handle means the nested transaction and gets that: waiting for it would be waiting for itself.
 *
 * When the body ends, nested ones that it didn't wait for are waited for, and whatever still comes is refused.
 */
export class TransactionScope {
  readonly #pool: RecordedPool
  readonly #client: pg.PoolClient
  /** In whose body this one was begun; may belong to another database. */
  readonly outer: TransactionScope | undefined
  readonly #depth: number
  readonly #dialect: PgDialect
  readonly #relations: Relations
  #open = true
  /** Settles when everything asked for so far has ended; undefined if there is nothing to wait for. */
  #busy: Promise<void> | undefined

  constructor(
    pool: RecordedPool,
    client: pg.PoolClient,
    within: { schema: Record<string, unknown> | undefined } | { scope: TransactionScope },
  ) {
    this.#pool = pool
    this.#client = client
    if ('scope' in within) {
      this.outer = within.scope
      this.#depth = within.scope.#depth + 1
      this.#dialect = within.scope.#dialect
      this.#relations = within.scope.#relations
    } else {
      this.outer = running.getStore()
      this.#depth = 0
      const handle = drizzlePg().drizzle(this as unknown as pg.PoolClient, { schema: within.schema })
      const inside = handle as unknown as { dialect: PgDialect; session: { schema: Relations } }
      this.#dialect = inside.dialect
      this.#relations = inside.session.schema
    }
  }

  /** The innermost one of this database whose body the caller is part of. */
  static current(pool: RecordedPool): TransactionScope | undefined {
    return firstOf(running.getStore(), scope => scope.#open && scope.#pool === pool)
  }

  async run<T>(body: (tx: AnyTransaction) => Promise<T>): Promise<T> {
    try {
      return await running.run(this, () => body(this.#handle()))
    } finally {
      this.#open = false
      while (this.#busy) await this.#busy
    }
  }

  /** Runs `body` in a savepoint. */
  nest<T>(body: (tx: AnyTransaction) => Promise<T>): Promise<T> {
    const at = this.#innermost()
    return at.#inTurn(() => at.#savepoint(body))
  }

  /** What Drizzle asks of a connection. Throws DATA_TRANSACTION_OVER. */
  query(config: pg.QueryConfig, values?: unknown[]): Promise<pg.QueryResult> {
    const at = this.#innermost()
    const send = async (): Promise<pg.QueryResult> => {
      at.#refuseIfOver()
      return await at.#client.query(config, values)
    }
    return at.#busy ? at.#inTurn(send) : send()
  }

  async #savepoint<T>(body: (tx: AnyTransaction) => Promise<T>): Promise<T> {
    this.#refuseIfOver()
    const inner = new TransactionScope(this.#pool, this.#client, { scope: this })
    const name = `sp${inner.#depth}`
    await this.#client.query(`savepoint ${name}`)
    try {
      const result = await inner.run(body)
      await this.#client.query(`release savepoint ${name}`)
      return result
    } catch (error) {
      // When the connection broke, this fails as well; the first error is the one to know.
      await this.#client.query(`rollback to savepoint ${name}`).catch(() => {})
      throw error
    }
  }

  /** Runs it after all that was asked for before, at once if there is nothing. */
  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = this.#busy ? this.#busy.then(run) : run()
    const ended: Promise<void> = mine
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (this.#busy === ended) this.#busy = undefined
      })
    this.#busy = ended
    return mine
  }

  /** This one, or the nested one in whose body its handle is being used. */
  #innermost(): TransactionScope {
    const found = firstOf(running.getStore(), scope => scope.#open && scope.#client === this.#client)
    return firstOf(found, scope => scope === this) ? (found as TransactionScope) : this
  }

  #handle(): AnyTransaction {
    const { NodePgSession, NodePgTransaction } = drizzlePg()
    const session = new NodePgSession(this as unknown as pg.PoolClient, this.#dialect, this.#relations)
    const make = NodePgTransaction as unknown as new (...inside: unknown[]) => AnyTransaction
    const handle = new make(this.#dialect, session, this.#relations, this.#depth)
    handle.transaction = body => this.nest(body)
    return handle
  }

  #refuseIfOver(): void {
    if (!this.#open) throw errors.DATA_TRANSACTION_OVER({})
  }
}

/** The first that holds, from the given one outwards. */
function firstOf(
  scope: TransactionScope | undefined,
  holds: (scope: TransactionScope) => boolean,
): TransactionScope | undefined {
  let found = scope
  while (found && !holds(found)) found = found.outer
  return found
}
