import { connect } from 'node:net'
import { createDatabase, type Database, embeddedPostgres, embeddedUrl } from '../data/index.ts'
import { originOf, type Settings } from '../settings/index.ts'

export interface Address {
  readonly url: string
  /** Where the URL was set, for errors. */
  readonly origin: string | undefined
}

/**
 * Runs `body` with the address of the app's database. If it is embedded and not up, it is started for as long as
 * that takes, so that a verb works beside `quintet up` as well as without it.
 */
export async function withAddress<T>(settings: Settings, body: (address: Address) => Promise<T>): Promise<T> {
  const { database, stateDir } = settings
  const origin = originOf(settings, 'database.url')
  if (database.engine === 'postgres') return body({ url: database.url, origin })
  const { port, name } = database
  if (await listens(port)) return body({ url: embeddedUrl({ stateDir, port, name }), origin })
  const server = embeddedPostgres({ stateDir, port, name })
  await server.start()
  try {
    return await body({ url: server.url, origin })
  } finally {
    await server.stop()
  }
}

/** The same with a connection to it. */
export function withDatabase<T>(settings: Settings, body: (database: Database) => Promise<T>): Promise<T> {
  const { statementTimeoutMs } = settings.database
  return withAddress(settings, async address => {
    const database = createDatabase({
      ...address,
      poolMax: 1,
      statementTimeoutMs,
      applicationName: 'quintet-cli',
    })
    try {
      return await body(database)
    } finally {
      await database.close()
    }
  })
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
