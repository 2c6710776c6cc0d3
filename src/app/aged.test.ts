import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { models } from './fixtures/blog.tsx'
import { recordOf, type Served, serveApp } from './fixtures/serve.ts'
import { cached, type Db, defineApp, defineModule, route } from './index.ts'

const read = async (db: Db) =>
  (await db.execute(sql`select title, now() as at from posts where slug = 'one'`)).rows
const fresh = cached('agedFresh', ({ db }) => read(db))
const aged = cached('agedAged', ({ db }) => read(db), { maxAge: '1m' })
const routes = [
  route('GET /fresh', { handler: ({ db }) => read(db) }),
  route('GET /aged', { maxAge: '1m', handler: ({ db }) => read(db) }),
  route('GET /cached', { handler: () => aged() }),
  route('GET /cached-fresh', { maxAge: '1m', handler: () => fresh() }),
]

let served: Served
beforeAll(async () => {
  served = await serveApp(defineApp({ modules: [defineModule({ name: 'aged', routes })], models }))
})
afterAll(() => served.close())

test.each([
  ['/fresh', false],
  ['/aged', true],
  ['/cached', true],
  ['/cached-fresh', false],
])('%s reads the clock in SQL, and may be kept for a bounded time: %s', async (url, kept) => {
  const before = Date.now()
  const { vetoes, endsAt, dependencies } = recordOf(await served.server.inject(url))
  if (!kept)
    return expect(vetoes).toEqual([expect.stringContaining('now() depends on more than what is stored')])
  expect(vetoes).toEqual([])
  expect(dependencies).toMatchObject([{ table: 'public.posts', equals: { slug: ['one'] } }])
  expect(endsAt).toBeGreaterThanOrEqual(before + 60_000)
  expect(endsAt).toBeLessThanOrEqual(Date.now() + 60_000)
})
