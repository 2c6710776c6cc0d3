import { setTimeout as delay } from 'node:timers/promises'
import { createDatabase, type Database, prepareFeed } from '../../src/data/index.ts'
import { createFeedSource, type FeedSource, type Transaction } from '../../src/feed/index.ts'
import {
  type Catalog,
  createAnalyzer,
  type Dependency,
  loadCatalog,
  Recorder,
  recordQueries,
  runRecorded,
} from '../../src/reads/index.ts'
import { type TestDatabase, testDatabase } from '../../src/testing/database.ts'
import { dropSql } from './schema.ts'

/** What running a query as a page would gave: its rows as a multiset, and what it depends on if it may be cached. */
export interface Reading {
  readonly rows: readonly string[]
  /** null: not cacheable. */
  readonly dependencies: readonly Dependency[] | null
}

/** One database with the real feed on it, and the app's side of it: a recorded pool, a catalog, an analyzer. */
export class World {
  readonly #outside: TestDatabase
  readonly #app: Database
  readonly #catalog: Catalog
  readonly #source: FeedSource
  #seen: Transaction[] = []
  /** The catalog may no longer be what it was. */
  #outdated = false
  /** Epochs that began in the middle: then everything would have been purged. */
  #resets = 0

  /** `rowsPerTable`: from how many changed rows on the feed sums a table up. */
  static async open(rowsPerTable?: number): Promise<World> {
    const outside = await testDatabase(
      'create schema "Other"; create table public.first (id int primary key)',
    )
    const app = createDatabase({ url: outside.url, poolMax: 2, statementTimeoutMs: 5_000 })
    await prepareFeed(app, 'quintet')
    const catalog = await loadCatalog(app.internal.query, 'quintet')
    recordQueries(app, await createAnalyzer({ catalog }))
    const source = createFeedSource({ url: outside.url, rowLimits: rowsPerTable ? { rowsPerTable } : {} })
    const world = new World(outside, app, catalog, source)
    await source.start()
    await source.barrier(20_000)
    return world
  }

  private constructor(outside: TestDatabase, app: Database, catalog: Catalog, source: FeedSource) {
    this.#outside = outside
    this.#app = app
    this.#catalog = catalog
    this.#source = source
    source.onTransaction(transaction => {
      this.#seen.push(transaction)
      if (transaction.changes.some(change => change.kind === 'everything')) this.#outdated = true
    })
    source.onReset(() => {
      this.#resets++
      this.#outdated = true
    })
  }

  /** Makes the schema anew, with its rows. Throws what PostgreSQL says of it. */
  async reset(schema: string, data: string): Promise<void> {
    await this.#outside.query(`${dropSql}; ${schema}`)
    await prepareFeed(this.#app, 'quintet')
    await this.#outside.query(data)
    await this.#settle()
  }

  /** Runs SQL from outside; returns what the feed told of it, or undefined after an epoch's end. */
  async change(sql: string): Promise<readonly Transaction[] | undefined> {
    const resets = this.#resets
    this.#seen = []
    await this.#outside.query(sql).catch(async () => {
      // A constraint forbade something: the whole transaction is void.
      await this.#outside.query('rollback').catch(() => {})
    })
    await this.#settle()
    return this.#resets === resets ? this.#seen : undefined
  }

  /** Undefined if the query fails. */
  async read(text: string, values: readonly unknown[]): Promise<Reading | undefined> {
    const recorder = new Recorder()
    try {
      const { rows } = await runRecorded(recorder, () =>
        this.#app.query(text, values.length > 0 ? values : undefined),
      )
      const { vetoes, dependencies } = recorder.close()
      return {
        rows: rows.map(row => JSON.stringify(row)).sort(),
        dependencies: vetoes.length > 0 ? null : dependencies,
      }
    } catch {
      recorder.close()
      return undefined
    }
  }

  async close(): Promise<void> {
    await this.#source.stop()
    await this.#app.close()
    await this.#outside.close()
  }

  async #settle(): Promise<void> {
    // A new epoch in between is the feed's way of saying that it isn't sure: everything counts as purged then.
    for (let tries = 0; !(await this.#source.barrier(20_000)); tries++) {
      if (tries > 200) throw new Error('The feed did not come along.')
      await delay(50)
    }
    // Nobody reads meanwhile, so once is enough.
    if (this.#outdated) await this.#catalog.invalidate()
    this.#outdated = false
    if (!this.#catalog.state) throw new Error('The catalog can not be read.')
  }
}
