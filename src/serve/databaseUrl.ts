import { embeddedUrl } from '../data/index.ts'
import type { Settings } from '../settings/index.ts'

/** Where the app's database is, for any process but the one that starts it. Throws DATA_NO_PASSWORD before the first start. */
export function databaseUrl({ database, stateDir }: Settings): string {
  return database.engine === 'postgres'
    ? database.url
    : embeddedUrl({ stateDir, port: database.port, name: database.name })
}
