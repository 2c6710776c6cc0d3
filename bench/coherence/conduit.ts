import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { pino } from 'pino'
import { type App, createAppServer, type Db } from '../../src/app/index.ts'
import type { PageRequest, PageResponse } from '../../src/cache/index.ts'
import { registerLoader } from '../../src/cli/loader.ts'
import { createDatabase, type Database, migrate } from '../../src/data/index.ts'
import { createAnalyzer, loadCatalog, type ReadRecord, recordQueries } from '../../src/reads/index.ts'
import { loadSettings } from '../../src/settings/index.ts'
import { type BenchServer, startServer } from './server.ts'

/** A visit: who (`''` for nobody, else a user name), and where. */
export type Visit = readonly [as: string, path: string]

export interface Page {
  readonly visit: Visit
  readonly request: PageRequest
  readonly response: PageResponse
  readonly record: ReadRecord
}

/** Conduit on its seed, rendered in this process, without an edge. */
export interface BenchConduit extends BenchServer {
  readonly database: Database
  render(visit: Visit): Promise<Page>
}

const root = fileURLToPath(new URL('../../examples/conduit/', import.meta.url))
const build = 'bench'

/** Starts Conduit on its own seed; every name of `people` is signed in. */
export async function startConduit(people: readonly string[]): Promise<BenchConduit> {
  registerLoader()
  const { default: app } = (await import(pathToFileURL(join(root, 'app.ts')).href)) as { default: App }
  const { seedPassword } = await import(pathToFileURL(join(root, 'seed/seed.ts')).href)
  const settings = await loadSettings({ root, environment: 'development', set: ['log.level=error'] })
  const server = await startServer(async url => {
    await migrate({ url, migrations: join(root, 'migrations'), publication: 'quintet' })
    const filling = createDatabase({ url, schema: app.models as Record<string, unknown> })
    await filling.transaction(async tx => app.seed?.(tx as unknown as Db))
    await filling.query('analyze')
    await filling.close()
  })
  const database = createDatabase({ url: server.url, schema: app.models as Record<string, unknown> })
  const catalog = await loadCatalog((text, values) => database.internal.query(text, values), 'quintet')
  recordQueries(database, await createAnalyzer({ catalog }))
  const log = pino({ level: 'error' })
  const http = await createAppServer({ app, settings, database, feed: server.feed, build, log })
  await http.ready()

  const cookies = new Map<string, string>()
  for (const name of people) {
    const answer = await http.inject({
      method: 'POST',
      url: '/login',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'sec-fetch-site': 'same-origin',
        host: 'conduit.test',
      },
      payload: new URLSearchParams({ email: `${name}@conduit.example`, password: seedPassword }).toString(),
    })
    const cookie = answer.cookies.map(one => `${one.name}=${encodeURIComponent(one.value)}`).join('; ')
    if (cookie === '') throw new Error(`${name} could not sign in: ${answer.statusCode} ${answer.body}`)
    cookies.set(name, cookie)
  }
  await server.feed.barrier(20_000)

  return {
    ...server,
    database: database as unknown as Database,
    async render(visit) {
      const [as, path] = visit
      const cookie = cookies.get(as)
      const answer = await http.inject({
        url: path,
        headers: { host: 'conduit.test', accept: 'text/html', ...(cookie ? { cookie } : {}) },
      })
      const [pathname = '', rawQuery = ''] = path.split('?')
      const headers: string[] = []
      for (const [name, value] of Object.entries(answer.headers)) {
        if (!name.startsWith('quintet-') && name !== 'connection' && name !== 'content-length')
          headers.push(name, String(value))
      }
      const recorded = answer.headers['quintet-record']
      if (recorded === undefined) throw new Error(`${path} came without a record: ${answer.statusCode}`)
      return {
        visit,
        request: {
          method: 'GET',
          host: 'conduit.test',
          path: pathname,
          rawQuery,
          rawHeaders: [],
          cookie,
          address: '127.0.0.1',
          protocol: 'https',
        },
        response: { status: answer.statusCode, headers, body: answer.rawPayload },
        record: JSON.parse(String(recorded)) as ReadRecord,
      }
    },
    async stop() {
      await http.close()
      await database.close()
      await server.stop()
    },
  }
}
