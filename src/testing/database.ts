import { randomBytes } from 'node:crypto'
import pg from 'pg'

/** A database of its own for a test, in the PostgreSQL that the test run shares. */
export interface TestDatabase {
  readonly url: string
  readonly name: string
  /** Runs SQL on a connection apart from any pool of the code under test: a change "from outside". */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: unknown[],
  ): Promise<{ rows: Row[]; rowCount: number }>
  /** Drops the database, ending whatever is still connected. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Makes a fresh database and runs `schema` (any number of statements) in it.
 *
 * ```ts
 * const database = await testDatabase('create table articles (id int primary key, title text)')
 * ```
 */
export async function testDatabase(schema = ''): Promise<TestDatabase> {
  const base = process.env.QUINTET_TEST_POSTGRES_URL
  if (!base) {
    throw new Error(
      'QUINTET_TEST_POSTGRES_URL is not set. Add src/testing/vitestPostgres.ts to globalSetup in vitest.config.ts.',
    )
  }
  const name = `test_${randomBytes(6).toString('hex')}`
  await once(base, client => client.query(`create database ${name}`))
  const url = new URL(base)
  url.pathname = `/${name}`
  const pool = new pg.Pool({ connectionString: url.href, max: 4 })
  // close() drops the database with force: connections that end by that are no failure.
  pool.on('error', () => {})
  if (schema) await pool.query(schema)

  let closing: Promise<void> | undefined
  return {
    url: url.href,
    name,
    async query(text, values) {
      const result = await pool.query(text, values)
      return { rows: result.rows, rowCount: result.rowCount ?? 0 }
    },
    close() {
      closing ??= (async () => {
        await pool.end()
        await once(base, client => client.query(`drop database if exists ${name} with (force)`))
      })()
      return closing
    },
  }
}

async function once<T>(url: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await run(client)
  } finally {
    await client.end()
  }
}
