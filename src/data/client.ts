import pg from 'pg'
import { errors } from './errors.ts'
import type { QueryInterceptor, RowForm } from './intercept.ts'
import { KeptRows } from './keptRows.ts'
import type { QueryEvent, QueryListener, QueryOutcome, SessionState, TransactionIdentity } from './query.ts'
import { sessionEffects } from './sessionEffects.ts'
import type { StatementNames } from './statements.ts'

/** What all connections of a database share. */
export interface ClientContext {
  readonly listeners: ReadonlySet<QueryListener>
  /** Undefined: no named prepared statements (a pooler forbids them). */
  readonly names: StatementNames | undefined
  readonly target: QueryEvent['target']
  /** Asked before a query of the pool's own is sent. */
  interceptor?: QueryInterceptor | undefined
  /** What texts mean on a connection as it was begun last; undefined before the first. */
  session?: SessionState
  /** True once a statement touched `synchronous_commit`: commits may return before they are flushed. */
  commitsEarly?: boolean
}

type Result = pg.QueryResult & Iterable<pg.QueryResult>
type Config = { text: string; values?: unknown[]; name?: string } & RowForm

/** What we use of `pg`'s client and connection beyond their declared types. */
interface Inside {
  readonly _queryable: boolean
  readonly _ended: boolean
  readonly readyForQuery: boolean
  getTransactionStatus(): 'I' | 'T' | 'E' | null
  readonly connection: NodeJS.EventEmitter & {
    readonly parsedStatements: Record<string, string>
    readonly submittedNamedStatements: Record<string, string>
    close(message: { type: 'S'; name: string }): void
  }
}

/**
 * A connection on which every query (the app's, Drizzle's, a transaction's own BEGIN) is told to the listeners,
 * that names prepared statements, and that knows whether its session still means what a fresh one would.
 *
 * Queries are sent one at a time: a second one waits for the first, so that the transaction's and the session's
 * state told to the listeners is the one the statement meets.
 */
export class RecordedClient extends pg.Client {
  readonly #context: ClientContext
  #fresh: Omit<SessionState, 'altered'> = { searchPath: '', role: '', database: '' }
  /** Reported by the server from version 18 on, also when a function changed it. */
  #searchPath: string | undefined
  #altered = false
  #alteredUntilEnd = false
  #transaction: TransactionIdentity = {}
  #waiting = 0
  #last: Promise<unknown> = Promise.resolve()
  readonly #named = new Set<string>()

  constructor(config: pg.ClientConfig, context: ClientContext) {
    super(config)
    this.#context = context
    // A connection that breaks while it is checked out fails its query; without a listener it would end the process.
    this.on('error', () => {})
    this.#inside.connection.on(
      'parameterStatus',
      (status: { parameterName: string; parameterValue: string }) => {
        if (status.parameterName === 'search_path') this.#searchPath = status.parameterValue
      },
    )
  }

  /** Learns what a text means on this connection; run once, before its first query. */
  async begin(): Promise<void> {
    const { rows } = await this.unrecorded(
      `select current_setting('search_path') as "searchPath", current_user as role, current_database() as database`,
    )
    this.#fresh = rows[0] as Omit<SessionState, 'altered'>
    this.#context.session = { ...this.#fresh, altered: false }
  }

  /**
   * False once the session was altered, a transaction was left open, or a query still waits for its turn, which
   * would come among the next holder's: the pool then closes the connection.
   */
  get reusable(): boolean {
    return this.#waiting === 0 && !this.#session().altered && !this.#inTransaction()
  }

  // pg's overloads: text or config, values, callback.
  // biome-ignore lint/suspicious/noExplicitAny: the one signature that all of pg's overloads accept
  override query(first: any, second?: any, third?: any): any {
    if (typeof first?.submit === 'function') throw errors.DATA_CURSOR({})
    const callback = typeof second === 'function' ? second : third
    const config: Config = typeof first === 'string' ? { text: first } : first
    const running = this.#inTurn(config, Array.isArray(second) ? second : config.values, true)
    if (typeof callback !== 'function') return running
    running.then(
      result => callback(undefined, result),
      error => callback(error),
    )
  }

  /** A query of the framework's own, which the listeners don't see. */
  unrecorded(text: string, values?: unknown[]): Promise<Result> {
    return this.#inTurn({ text }, values, false)
  }

  async #inTurn(config: Config, values: unknown[] | undefined, recorded: boolean): Promise<Result> {
    const previous = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    try {
      if (this.#waiting++ > 0) await previous
      return await this.#tell(config, values, recorded)
    } finally {
      this.#waiting--
      resolve()
    }
  }

  async #tell(config: Config, values: unknown[] | undefined, recorded: boolean): Promise<Result> {
    const effects = sessionEffects(config.text)
    if (!this.#inTransaction()) this.#transaction = {}
    if (effects.alters !== 'nothing' && touchesCommit(config.text, values)) this.#context.commitsEarly = true
    if (effects.alters === 'session') this.#altered = true
    if (effects.alters === 'transaction') this.#alteredUntilEnd = true
    const kept = new KeptRows()
    const settle = recorded ? this.#announce(config.text, values ?? [], kept) : undefined
    const stopKeeping = kept.listen(this.#inside.connection)
    try {
      const result = await this.#send(config, values, kept)
      if (effects.resets) this.#altered = false
      if (effects.forgetsStatements) this.#forgetAll()
      settle?.(successOf(result, kept))
      return result
    } catch (error) {
      settle?.({ ok: false, error })
      throw error
    } finally {
      stopKeeping()
      if (!this.#inTransaction()) this.#alteredUntilEnd = false
    }
  }

  #announce(
    text: string,
    values: readonly unknown[],
    kept: KeptRows,
  ): ((outcome: QueryOutcome) => void) | undefined {
    if (this.#context.listeners.size === 0) return undefined
    const event: QueryEvent = {
      text,
      values,
      inTransaction: this.#inTransaction(),
      transaction: this.#transaction,
      target: this.#context.target,
      session: this.#session(),
      keepRows: most => kept.ask(most),
    }
    const settles = [...this.#context.listeners].map(listener => listener(event))
    return outcome => {
      for (const settle of settles) settle?.(outcome)
    }
  }

  async #send(config: Config, values: unknown[] | undefined, kept: KeptRows): Promise<Result> {
    const name = this.#context.names?.use(config.text, (values?.length ?? 0) > 0)
    const mayRetry = name !== undefined && !this.#inTransaction()
    // A name given by the caller is dropped: ours are unique to their text, which pg demands.
    const query = { ...config, name, values }
    if (name) this.#prepared(name)
    try {
      return (await super.query<never, unknown[]>(query as pg.QueryConfig<unknown[]>)) as unknown as Result
    } catch (error) {
      await this.#settled()
      if (name === undefined) throw error
      // Whatever failed, pg may now believe in a statement that the server doesn't have (or the other way round).
      this.#forget(name)
      if (!mayRetry || !isStalePlan(error)) throw error
      kept.restart()
      return (await super.query<never, unknown[]>(query as pg.QueryConfig<unknown[]>)) as unknown as Result
    }
  }

  /** An error arrives before the server says in which state it left the transaction; waits for that. */
  #settled(): Promise<void> {
    const { connection, readyForQuery, _queryable, _ended } = this.#inside
    if (readyForQuery || !_queryable || _ended) return Promise.resolve()
    return new Promise(done => {
      const finish = (): void => {
        connection.off('readyForQuery', finish)
        connection.off('end', finish)
        done()
      }
      connection.on('readyForQuery', finish)
      connection.on('end', finish)
    })
  }

  /** Notes the statement, and closes those whose text is no longer among the most used. */
  #prepared(name: string): void {
    const names = this.#context.names
    this.#named.add(name)
    if (!names || this.#named.size <= names.max + names.max / 10) return
    for (const old of this.#named) if (!names.keeps(old)) this.#forget(old)
  }

  #forget(name: string): void {
    const { connection, _queryable } = this.#inside
    this.#named.delete(name)
    delete connection.parsedStatements[name]
    delete connection.submittedNamedStatements[name]
    // Answered together with the next query; closing an unknown name is no error.
    if (_queryable) connection.close({ type: 'S', name })
  }

  #forgetAll(): void {
    for (const name of [...this.#named]) this.#forget(name)
  }

  #session(): SessionState {
    const searchPath = this.#searchPath ?? this.#fresh.searchPath
    const altered = this.#altered || this.#alteredUntilEnd || searchPath !== this.#fresh.searchPath
    return { ...this.#fresh, searchPath, altered }
  }

  #inTransaction(): boolean {
    const status = this.#inside.getTransactionStatus()
    return status === 'T' || status === 'E'
  }

  get #inside(): Inside {
    return this as unknown as Inside
  }
}

/** The statement was planned before a change of its tables, or the server lost it; it has not run. */
export function isStalePlan(error: unknown): boolean {
  const { code, routine } = error as { code?: string; routine?: string }
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery')
}

const commitSetting = /synchronous_commit/i

/** Setting it by `set_config` may name it in a parameter. */
function touchesCommit(text: string, values: readonly unknown[] = []): boolean {
  return (
    commitSetting.test(text) || values.some(value => typeof value === 'string' && commitSetting.test(value))
  )
}

function successOf(result: Result, kept: KeptRows): QueryOutcome {
  // A text of several statements has several results; none of their columns stands for the whole.
  const results: pg.QueryResult[] = Array.isArray(result) ? result : [result]
  const fields = results.length === 1 ? (results[0]?.fields ?? []) : []
  return {
    ok: true,
    command: results.map(one => one.command ?? '').join('; '),
    rowCount: results.reduce((sum, one) => sum + (one.rowCount ?? 0), 0),
    fields,
    rows: results.length === 1 ? kept.of(fields) : undefined,
  }
}
