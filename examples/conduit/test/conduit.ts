import { createAppServer } from 'quintet'
import { createDatabase, prepareFeed } from '../../../src/data/index.ts'
import { createAnalyzer, loadCatalog, recordQueries } from '../../../src/reads/index.ts'
import { resolveSettings } from '../../../src/settings/index.ts'
import { createFakeFeed } from '../../../src/testing/fakeFeed.ts'
import app from '../app.ts'
import * as models from '../models.ts'
import development from '../settings/development.ts'
import { conduitDatabase } from './database.ts'
import { judge } from './openapi.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

export type Conduit = Awaited<ReturnType<typeof startConduit>>

/** Conduit on an empty database of its own, spoken to without a socket; with `recorded`, its queries are analysed as in a worker. */
export async function startConduit({ recorded = false } = {}) {
  const database = await conduitDatabase()
  const pool = createDatabase({ url: database.url, schema: models })
  const root = new URL('..', import.meta.url).pathname
  const settings = resolveSettings(development, {
    root,
    environment: 'development',
    set: ['secret=a-secret-of-the-tests-and-nothing-else'],
  })
  if (recorded) {
    await prepareFeed(pool, 'quintet')
    const catalog = await loadCatalog((text, values) => pool.internal.query(text, values), 'quintet')
    recordQueries(pool, await createAnalyzer({ catalog }))
  }
  const server = await createAppServer({
    app,
    settings,
    database: pool,
    feed: createFakeFeed(),
    build: 'test',
  })
  const answered = new Set<string>()

  return {
    database,
    /** The documented operations and statuses that were answered so far. */
    answered,
    inject: server.inject.bind(server),
    /** Opens a port on loopback; returns its origin. */
    listen: () => server.listen({ host: '127.0.0.1', port: 0 }),

    /** Calls the API and holds the answer against the document. */
    async api(method: Method, path: string, options: { token?: string; body?: unknown } = {}) {
      const response = await server.inject({
        method,
        url: `/api${path}`,
        headers: options.token ? { authorization: `Token ${options.token}` } : {},
        ...(options.body === undefined ? {} : { payload: options.body as object }),
      })
      const body = response.body === '' ? undefined : response.json()
      const { operation, problem } = judge(method, path, response.statusCode, body)
      if (problem) throw new Error(`${operation} ${problem}: ${response.body}`)
      answered.add(operation)
      return { status: response.statusCode, body }
    },

    /** A browser without JavaScript: keeps cookies, says where it comes from. */
    browser() {
      const cookies = new Map<string, string>()
      const visit = async (method: 'GET' | 'POST', url: string, form?: Record<string, string>) => {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
        const response = await server.inject({
          method,
          url,
          headers: {
            accept: 'text/html',
            ...(cookie && { cookie }),
            ...(method === 'POST' && {
              'sec-fetch-site': 'same-origin',
              'content-type': 'application/x-www-form-urlencoded',
            }),
          },
          ...(form && { payload: new URLSearchParams(form).toString() }),
        })
        for (const { name, value, maxAge } of response.cookies as {
          name: string
          value: string
          maxAge?: number
        }[]) {
          if (value === '' || maxAge === 0) cookies.delete(name)
          else cookies.set(name, encodeURIComponent(value))
        }
        return { status: response.statusCode, location: response.headers.location, html: response.body }
      }
      return {
        get: (url: string) => visit('GET', url),
        post: (url: string, form: Record<string, string> = {}) => visit('POST', url, form),
      }
    },

    async close() {
      await server.close()
      await pool.close()
      await database.close()
    },
  }
}
