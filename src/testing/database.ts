import { randomBytes } from 'node:crypto'
import { createDatabase } from '../data/index.ts'

/** A database of its own for a test, in the PostgreSQL that the test run shares. */
export interface TestDatabase {
  readonly url: string
  readonly name: string
  /** Runs SQL on a connection apart from any pool of the code under test: a change "from outside". */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
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
  await runOnce(base, `create database ${name}`)
  const url = new URL(base)
  url.pathname = `/${name}`
  const outside = createDatabase({
    url: url.href,
    poolMax: 4,
    statementTimeoutMs: 0,
    applicationName: 'quintet-test',
  })
  if (schema) await outside.query(schema)

  let closing: Promise<void> | undefined
  return {
    url: url.href,
    name,
    query: (text, values) => outside.query(text, values),
    close() {
      closing ??= (async () => {
        await outside.close()
        await runOnce(base, `drop database if exists ${name} with (force)`)
      })()
      return closing
    },
  }
}

async function runOnce(url: string, text: string): Promise<void> {
  const server = createDatabase({ url, poolMax: 1, statementTimeoutMs: 0 })
  try {
    await server.query(text)
  } finally {
    await server.close()
  }
}
