import pg from 'pg'
import { connectionConfig, unreachable } from './connection.ts'
import { drizzlePg } from './drizzle.ts'
import { errors } from './errors.ts'
import { type FeedPreparation, prepareFeedWith } from './feedPreparation.ts'
import { type JournalEntry, readJournal } from './migrationFiles.ts'

export interface MigrateOptions {
  readonly url: string
  /** Where the URL was set, for errors. */
  readonly origin?: string
  /** Folder of the migrations. */
  readonly migrations: string
  /** Name of the publication that the feed reads. */
  readonly publication: string
}

export interface Migrated {
  /** Tags of the migrations applied by this call. */
  readonly applied: readonly string[]
  readonly feed: FeedPreparation
}

/** Any number; the same for all that migrate one database, and no other program's. */
const lockKey = 7_108_261_253n

/**
 * Applies what is pending, in one transaction, and prepares the feed. Processes that migrate at the same time wait
 * for each other. Throws DATA_UNREACHABLE, DATA_MIGRATION_SKIPPED, DATA_MIGRATION_FAILED.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const client = await connect(options)
  const ask = async (text: string, values?: readonly unknown[]) => {
    const result = await client.query(text, values ? [...values] : undefined)
    const last = Array.isArray(result) ? result[result.length - 1] : result
    return { rows: last.rows, rowCount: last.rowCount ?? 0, fields: last.fields }
  }
  try {
    await client.query('select pg_advisory_lock($1)', [lockKey])
    const pending = await pendingOn(client, options.migrations)
    if (pending.length > 0) {
      try {
        const { migrate: runMigrations } = await import('drizzle-orm/node-postgres/migrator')
        await runMigrations(drizzlePg().drizzle(client), { migrationsFolder: options.migrations })
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error)
        throw errors.DATA_MIGRATION_FAILED(
          { pending: pending.map(entry => entry.tag), reason: cause.message },
          { cause: error },
        )
      }
    }
    return { applied: pending.map(entry => entry.tag), feed: await prepareFeedWith(ask, options.publication) }
  } finally {
    await client.end()
  }
}

/** Tags of the migrations not applied yet. Throws DATA_UNREACHABLE, DATA_MIGRATION_SKIPPED. */
export async function pendingMigrations(options: Omit<MigrateOptions, 'publication'>): Promise<string[]> {
  const client = await connect(options)
  try {
    return (await pendingOn(client, options.migrations)).map(entry => entry.tag)
  } finally {
    await client.end()
  }
}

async function connect(options: { url: string; origin?: string }): Promise<pg.Client> {
  const client = new pg.Client({
    ...connectionConfig(options.url, { statement_timeout: '0' }),
    application_name: 'quintet-migrate',
  })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (cause) {
    throw unreachable(options.url, options.origin, cause)
  }
  return client
}

async function pendingOn(client: pg.Client, folder: string): Promise<JournalEntry[]> {
  const entries = readJournal(folder)
  const exists = await client.query(`select to_regclass('drizzle.__drizzle_migrations') is not null as yes`)
  if (!exists.rows[0].yes) return entries
  const { rows } = await client.query('select created_at from drizzle.__drizzle_migrations')
  const applied = new Set(rows.map(row => Number(row.created_at)))
  const last = Math.max(0, ...applied)
  // Drizzle silently skips what is older than the last applied one: a branch merged late.
  const skipped = entries.filter(entry => entry.when <= last && !applied.has(entry.when))
  if (skipped[0]) throw errors.DATA_MIGRATION_SKIPPED({ tag: skipped[0].tag })
  return entries.filter(entry => entry.when > last)
}
