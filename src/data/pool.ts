import { AsyncLocalStorage } from 'node:async_hooks'
import pg from 'pg'
import { type ClientContext, RecordedClient } from './client.ts'
import { connectionConfig, isConnectFailure, unreachable } from './connection.ts'
import { errors } from './errors.ts'
import { identityOf, parsedResult, type RowForm, wireForm, wireResult } from './intercept.ts'
import { connectionLost } from './signals.ts'

export interface PoolOptions {
  readonly url: string
  readonly origin?: string
  readonly max: number
  readonly statementTimeoutMs: number
  /** How long a query waits for a connection, free or new. */
  readonly connectTimeoutMs: number
  readonly applicationName: string
}

/** A semicolon at the very end (Drizzle's `$count` has one) separates nothing. */
const severalStatements = /;(?!\s*$)/

type Release = (error?: Error | boolean) => void

/** A pool of {@link RecordedClient}s that closes connections whose session was altered instead of reusing them. */
export class RecordedPool extends pg.Pool {
  readonly #options: PoolOptions
  readonly #context: ClientContext
  /** Connections outlive the request that opened them; they must not hold on to its async context. */
  readonly #outside = AsyncLocalStorage.snapshot()

  constructor(options: PoolOptions, context: ClientContext) {
    const config = {
      ...connectionConfig(options.url, { statement_timeout: String(options.statementTimeoutMs) }),
      application_name: options.applicationName,
      max: options.max,
      connectionTimeoutMillis: options.connectTimeoutMs,
      Client: class extends RecordedClient {
        constructor(clientConfig: pg.ClientConfig) {
          super(clientConfig, context)
        }
      },
      onConnect: (client: RecordedClient) => client.begin(),
    }
    super(config as unknown as pg.PoolConfig)
    this.#options = options
    this.#context = context
    this.on('error', error => connectionLost.emit(() => ({ reason: error.message })))
  }

  // biome-ignore lint/suspicious/noExplicitAny: the one signature that all of pg's overloads accept
  override connect(callback?: any): any {
    const connecting = this.checkOut()
    if (typeof callback !== 'function') return connecting
    connecting.then(
      client => callback(undefined, client, client.release),
      error => callback(error, undefined, () => {}),
    )
  }

  /** Throws DATA_UNREACHABLE, or DATA_POOL_BUSY when no connection became free in time. */
  async checkOut(): Promise<pg.PoolClient & RecordedClient> {
    let client: pg.PoolClient & RecordedClient
    try {
      client = (await this.#outside(() => super.connect())) as pg.PoolClient & RecordedClient
    } catch (error) {
      if (/timeout exceeded when trying to connect/.test(String((error as Error).message))) {
        throw errors.DATA_POOL_BUSY(
          { max: this.#options.max, waitMs: this.#options.connectTimeoutMs },
          { cause: error },
        )
      }
      throw isConnectFailure(error) ? unreachable(this.#options.url, this.#options.origin, error) : error
    }
    const release = client.release as Release
    client.release = (error?: Error | boolean) => this.#outside(() => release(error || !client.reusable))
    return client
  }

  // biome-ignore lint/suspicious/noExplicitAny: the one signature that all of pg's overloads accept
  override query(first: any, second?: any, third?: any): any {
    return this.ask(undefined, first, second, third)
  }

  /** `query` through a handle with this mark. */
  // biome-ignore lint/suspicious/noExplicitAny: as `query`
  ask(mark: string | undefined, first: any, second?: any, third?: any): any {
    const callback = typeof second === 'function' ? second : third
    const values = Array.isArray(second) ? second : undefined
    const running =
      this.#intercepted(mark, first, values) ?? this.#queryOnce(client => client.query(first, values))
    if (typeof callback !== 'function') return running
    running.then(
      result => callback(undefined, result),
      error => callback(error),
    )
  }

  /** A query of the framework's own, which the listeners don't see. */
  unrecorded(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    return this.#queryOnce(client => client.unrecorded(text, values))
  }

  /** Undefined if nobody wants to answer in the server's place. */
  #intercepted(
    mark: string | undefined,
    first: string | (RowForm & { text: string; values?: unknown[]; binary?: boolean; submit?: unknown }),
    given: unknown[] | undefined,
  ): Promise<pg.QueryResult> | undefined {
    const { interceptor, session } = this.#context
    if (!interceptor || !session) return undefined
    const config = typeof first === 'string' ? { text: first } : first
    const { text } = config
    const values = given ?? config.values ?? []
    // Only what has one result, in text: several statements have several, a cursor has none at first.
    if (typeof text !== 'string' || severalStatements.test(text) || config.binary || config.submit)
      return undefined
    const answer = interceptor(
      { text, values, mark, session, identity: () => identityOf(text, values, session) },
      async () =>
        wireResult(
          await this.#queryOnce(
            client => client.query({ text, ...wireForm }, [...values]) as Promise<pg.QueryResult>,
          ),
        ),
    )
    return answer?.then(wire => parsedResult(wire, config))
  }

  async #queryOnce<T>(run: (client: RecordedClient) => Promise<T>): Promise<T> {
    const client = await this.checkOut()
    try {
      return await run(client)
    } finally {
      client.release()
    }
  }
}

/** The pool as a handle with a mark asks it. */
export class MarkedPool {
  readonly #pool: RecordedPool
  readonly #mark: string

  constructor(pool: RecordedPool, mark: string) {
    this.#pool = pool
    this.#mark = mark
  }

  query(first: unknown, second?: unknown, third?: unknown): unknown {
    return this.#pool.ask(this.#mark, first, second, third)
  }

  connect(): Promise<pg.PoolClient> {
    return this.#pool.checkOut()
  }
}
