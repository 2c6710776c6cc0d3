import { resolve } from 'node:path'
import type { Db } from '../../app/index.ts'
import {
  checkDatabase,
  createDatabase,
  type Database,
  migrate,
  missingFromDatabase,
  pendingMigrations,
} from '../../data/index.ts'
import { originOf, type Settings } from '../../settings/index.ts'
import { databaseUrl } from '../databaseUrl.ts'
import { errors } from '../errors.ts'
import { loadApp } from '../loadApp.ts'
import type { RunningRole } from '../role.ts'

/**
 * Makes the database ready for the others, once: checks the server, and in development applies the migrations and
 * fills an empty database with the app's `seed`. In production pending migrations are refused, not applied.
 */
export async function prepare(settings: Settings): Promise<RunningRole> {
  const address = { url: databaseUrl(settings), origin: originOf(settings, 'database.url') }
  const migrations = resolve(settings.root, settings.database.migrations)
  const { seed, models } = await loadApp(settings)
  const database = createDatabase({ ...address, poolMax: 1, schema: models as Record<string, unknown> })
  try {
    await checkDatabase(database)
    let tables: readonly string[] = []
    if (settings.debug) {
      tables = (await migrate({ ...address, migrations, publication: settings.database.publication })).feed
        .tables
    } else {
      const pending = await pendingMigrations({ ...address, migrations })
      if (pending.length > 0) throw errors.SERVE_MIGRATIONS_PENDING({ pending })
    }
    const missing = await missingFromDatabase(database, models)
    if (missing.length > 0) throw errors.SERVE_MODELS_AHEAD({ missing })
    if (settings.debug && seed && (await areEmpty(tables, database))) {
      await database.transaction(tx => seed(tx as unknown as Db))
      // Statistics, so that the first plans are good ones.
      await database.query('analyze')
    }
  } finally {
    await database.close()
  }
  return { drain: async () => {} }
}

async function areEmpty(tables: readonly string[], database: Pick<Database, 'query'>): Promise<boolean> {
  for (const table of tables) {
    const { rows } = await database.query(`select 1 from ${quoted(table)} limit 1`)
    if (rows.length > 0) return false
  }
  return true
}

/** `public.articles` → `"public"."articles"`; the names come from the catalog. */
function quoted(table: string): string {
  const dot = table.indexOf('.')
  return [table.slice(0, dot), table.slice(dot + 1)].map(part => `"${part.replaceAll('"', '""')}"`).join('.')
}
