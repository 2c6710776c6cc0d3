import { pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { blog, models } from './fixtures/blog.tsx'
import { form, recordOf, type Served, serveApp } from './fixtures/serve.ts'
import { type App, action, defineApp, defineAuth, defineModule, page, route, userColumns } from './index.ts'

/** What the room says when an app is put together wrongly, or a neighbour fails. */
let served: Served
beforeAll(async () => {
  served = await serveApp(blog)
})
afterAll(() => served.close())

async function refusalOf(app: App): Promise<string> {
  try {
    const wrong = await serveApp(app)
    await wrong.close()
    return 'it started'
  } catch (error) {
    return (error as Error).message
  }
}

test('an entry that exports something else is named', async () => {
  expect(await refusalOf({ ...blog, kind: undefined } as unknown as App)).toMatch(
    /^APP_NOT_AN_APP: .* object/,
  )
})

test('a users table without its display column is named', async () => {
  const users = pgTable('people', { ...userColumns(), nick: text() })
  const { sessions, accounts, verifications } = models
  const auth = defineAuth({ users, sessions, accounts, verifications })
  expect(await refusalOf(defineApp({ modules: [], auth }))).toBe(
    'APP_AUTH_COLUMN: The users table "people" has no column "name". Spread userColumns() into it, and name its display column with defineAuth({ nameColumn }).',
  )
})

test('a response schema that no JSON can have is named', async () => {
  const routes = [
    route('GET /map', {
      response: {
        200: z.lazy(() => {
          throw new Error('never')
        }),
      },
      handler: () => 1 as never,
    }),
  ]
  expect(await refusalOf(defineApp({ modules: [defineModule({ name: 'a', routes })] }))).toMatch(
    /^APP_RESPONSE_SCHEMA: The response schema of GET \/map for status 200/,
  )
})

test('signing in where there is no auth says what is missing', async () => {
  const pages = [
    page('/', {
      actions: {
        default: action(
          z.object({}),
          async ({ auth }) => void (await auth.signIn({ email: 'a', password: 'b' })),
        ),
      },
      load: async ({ user }) => ({ user: await user() }),
      view: ({ user }) => String(user),
    }),
  ]
  const own = await serveApp(defineApp({ modules: [defineModule({ name: 'a', pages })] }), { debug: true })
  try {
    expect((await own.server.inject('/')).body).toContain('<body>null</body>')
    expect((await own.server.inject(form('/', {}))).body).toContain('APP_NO_AUTH: auth.signIn was called')
  } finally {
    await own.close()
  }
})

test('where the log’s end cannot be learned after a write, the client is sent past the caches', async () => {
  const { flushedLsn } = served.database
  served.database.flushedLsn = () => Promise.reject(new Error('connection lost'))
  try {
    const response = await served.server.inject(form('/posts/one?action=rename', { title: 'Unknown' }))
    expect([response.statusCode, recordOf(response).wrote]).toEqual([303, 'FFFFFFFF/FFFFFFFF'])
  } finally {
    served.database.flushedLsn = flushedLsn
  }
})
