import { connect } from 'node:net'
import { createDatabase, type Database, embeddedPostgres, embeddedUrl } from '../data/index.ts'
import { originOf, type Settings } from '../settings/index.ts'

/**
 * Runs `body` on the app's database. If it is embedded and not up, it is started for as long as that takes, so that
 * `quintet sql` works beside `quintet up` as well as without it.
 */
export async function withDatabase<T>(
  settings: Settings,
  body: (database: Database) => Promise<T>,
): Promise<T> {
  const { database, stateDir } = settings
  if (database.engine === 'postgres') return using(database.url, settings, body)
  const { port, name } = database
  if (await listens(port)) return using(embeddedUrl({ stateDir, port, name }), settings, body)
  const server = embeddedPostgres({ stateDir, port, name })
  await server.start()
  try {
    return await using(server.url, settings, body)
  } finally {
    await server.stop()
  }
}

async function using<T>(
  url: string,
  settings: Settings,
  body: (database: Database) => Promise<T>,
): Promise<T> {
  const { statementTimeoutMs } = settings.database
  const origin = originOf(settings, 'database.url')
  const database = createDatabase({
    url,
    origin,
    poolMax: 1,
    statementTimeoutMs,
    applicationName: 'quintet cli',
  })
  try {
    return await body(database)
  } finally {
    await database.close()
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
