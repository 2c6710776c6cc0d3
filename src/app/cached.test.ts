import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Database } from '../data/index.ts'
import type { Change } from '../feed/index.ts'
import type { FakeFeed } from '../testing/fakeFeed.ts'
import { defineApp, defineModule } from './app.ts'
import { cached } from './cached.ts'
import { recordOf, type Served, serveApp } from './fixtures/serve.ts'
import { cache } from './objects.ts'
import { notFound } from './outcome.ts'
import { route } from './route.ts'

const posts = pgTable('posts', {
  id: integer().primaryKey(),
  slug: text().notNull(),
  title: text().notNull(),
})

let computed = 0
const titleOf = cached('titleOf', async ({ db }, slug: string) => {
  computed++
  const [post] = await db.select({ title: posts.title }).from(posts).where(eq(posts.slug, slug))
  return { title: post?.title ?? notFound() }
})
const shouted = cached('shouted', async (_, slug: string) => (await titleOf(slug)).title.toUpperCase())
const moment = cached('moment', () => new Date())
const minute = cached('minute', () => new Date(), { maxAge: '1m' })
const wrong = cached('wrong', () => new (class Thing {})())
let look: () => unknown = () => {}
const nosy = cached('nosy', async () => String(await look()))
let meddle: () => Promise<unknown> = async () => {}

const app = defineApp({
  modules: [
    defineModule({
      name: 'shared',
      routes: [
        route('GET /title/:slug', {
          handler: async ({ params, query }) => ({
            ...(await titleOf(params.slug)),
            of: query.get('of') ?? null,
          }),
        }),
        route('GET /shouted/:slug', { handler: ({ params }) => shouted(params.slug) }),
        route('GET /moment', { handler: () => moment() }),
        route('GET /minute', { handler: () => minute() }),
        route('GET /wrong', { handler: () => wrong() }),
        route('GET /nosy/:part', {
          handler: async ({ params, query, cookies, headers, user, requestId, address, origin }) => {
            await user()
            const looks: Record<string, () => unknown> = {
              query: () => query.get('q'),
              all: () => query.all('q'),
              entries: () => query.entries(),
              cookie: () => cookies.get('c'),
              header: () => headers.get('accept-language'),
              user,
              id: requestId,
              address,
              origin,
            }
            look = looks[params.part] ?? look
            const result = nosy()
            look = () => 'nothing'
            return result
          },
        }),
        route('GET /both/:slug', {
          handler: async ({ params, db }) => {
            const rows = () =>
              db.cached.select({ title: posts.title }).from(posts).where(eq(posts.slug, params.slug))
            const [row] = await rows()
            if (row) row.title = 'altered'
            return rows()
          },
        }),
        route('GET /every-way', {
          handler: async ({ db }) => ({
            plain: await db.cached.select().from(posts).orderBy(posts.id),
            relational: await (
              db.cached as unknown as Database<{ posts: typeof posts }>['db']
            ).query.posts.findMany({ columns: { id: true }, orderBy: posts.id }),
            raw: (await db.cached.execute(sql`select count(*)::int as n from posts`)).rows,
            counted: await db.cached.$count(posts),
          }),
        }),
        route('POST /write/:slug', {
          handler: async ({ params, db }) => {
            const before = await db.cached.select().from(posts).where(eq(posts.slug, params.slug))
            await db.update(posts).set({ title: 'Written' }).where(eq(posts.slug, params.slug))
            const [after] = await db.cached.select().from(posts).where(eq(posts.slug, params.slug))
            const fromFunction = await titleOf(params.slug)
            return { before: before[0]?.title, after: after?.title, fromFunction: fromFunction.title }
          },
        }),
        route('GET /in-transaction/:slug', {
          handler: ({ params, db }) =>
            db.transaction(async tx => {
              await meddle()
              return tx.select().from(posts).where(eq(posts.slug, params.slug))
            }),
        }),
        route('GET /by-hand', { handler: () => cache.getOrSet('k', () => Date.now(), { ttl: '1m' }) }),
        route('GET /views', { handler: async () => ({ views: await cache.increment('views') }) }),
      ],
    }),
  ],
  models: { posts },
})

let served: Served
let feed: FakeFeed
beforeAll(async () => {
  served = await serveApp(app)
  feed = served.feed
})
afterAll(() => served.close())
beforeEach(async () => {
  computed = 0
  await served.outside.query(`update posts set title = initcap(slug)`)
  feed.commit([{ kind: 'everything', reason: 'a new test' }])
})

const get = (url: string, headers: Record<string, string> = {}) => served.server.inject({ url, headers })
const changed = (slug: string): Change => ({
  kind: 'update',
  table: 'public.posts',
  old: { id: '1', slug, title: 'x' },
  new: { id: '1', slug, title: 'y' },
  changed: ['title'],
})

test('requests share a value; each has read what it read, and only that', async () => {
  const [first, second] = [await get('/title/one?of=1'), await get('/title/one?of=2')]
  expect(computed).toBe(1)
  expect(first.json()).toEqual({ title: 'One', of: '1' })
  expect(second.json()).toEqual({ title: 'One', of: '2' })
  const { dependencies, parts, vetoes } = recordOf(second)
  expect(dependencies).toEqual(recordOf(first).dependencies)
  expect(dependencies).toMatchObject([{ table: 'public.posts', equals: { slug: ['one'] } }])
  expect({ parts, vetoes }).toEqual({ parts: ['protocol', 'query:of'], vetoes: [] })
  await get('/title/two')
  expect(computed).toBe(2)
})

test('a change purges it, another row’s does not; what uses it is purged with it', async () => {
  await get('/shouted/one')
  feed.commit([changed('two')])
  await get('/shouted/one')
  expect(computed).toBe(1)
  await served.outside.query(`update posts set title = 'changed' where slug = 'one'`)
  feed.commit([changed('one')])
  expect((await get('/shouted/one')).body).toBe('"CHANGED"')
  expect(computed).toBe(2)
})

test('a 404 thrown inside depends on what was read, and is not kept', async () => {
  for (let n = 0; n < 2; n++) {
    const response = await get('/title/none')
    expect(response.statusCode).toBe(404)
    expect(recordOf(response)).toMatchObject({
      vetoes: [],
      dependencies: [{ table: 'public.posts', equals: { slug: ['none'] } }],
    })
  }
  expect(computed).toBe(2)
})

test('a value that depends on the clock is not kept, unless it has a maxAge', async () => {
  expect(recordOf(await get('/moment')).vetoes).toEqual(['read the clock'])
  const first = await get('/minute')
  const second = await get('/minute')
  expect(second.body).toBe(first.body)
  expect(recordOf(second).vetoes).toEqual([])
  expect(recordOf(second).endsAt).toBe(recordOf(first).endsAt)
})

test.each(['query', 'all', 'entries', 'cookie', 'header', 'user', 'id', 'address', 'origin'])(
  'inside, a part of the request (%s) can’t be looked at',
  async part => {
    const response = await get(`/nosy/${part}`)
    expect(response.statusCode).toBe(500)
  },
)

test('the error names the function, the part and the remedy', async () => {
  let thrown: unknown
  const own = await serveApp(
    defineApp({
      modules: [
        defineModule({
          name: 'm',
          routes: [
            route('GET /', {
              handler: async ({ cookies }) => {
                look = () => cookies.get('theme')
                await nosy().catch(error => {
                  thrown = error
                })
                return null
              },
            }),
          ],
        }),
      ],
    }),
  )
  await own.server.inject('/')
  await own.close()
  expect(String(thrown)).toMatch(
    /APP_PART_IN_CACHED: nosy\(\) looked at the cookie "theme".*pass what was seen as an argument/,
  )
})

test('what can’t be kept is refused at the first use', async () => {
  expect((await get('/wrong')).statusCode).toBe(500)
})

test('names are keys, and definitions belong to modules', () => {
  expect(() => cached('titleOf', () => 1)).toThrow('APP_CACHED_TWICE')
})

test('a query’s rows are one’s own, in whatever way it was asked', async () => {
  expect((await get('/both/one')).json()).toEqual([{ title: 'One' }])
  const before = served.values.stats()
  const first = await get('/every-way')
  const second = await get('/every-way')
  expect(second.json()).toEqual(first.json())
  expect(first.json()).toEqual({
    plain: [
      { id: 1, slug: 'one', title: 'One' },
      { id: 2, slug: 'two', title: 'Two' },
    ],
    relational: [{ id: 1 }, { id: 2 }],
    raw: [{ n: 2 }],
    counted: 2,
  })
  const after = served.values.stats()
  expect([after.made - before.made, after.hits - before.hits]).toEqual([4, 4])
  expect(recordOf(second).dependencies).toEqual(recordOf(first).dependencies)
})

test('whoever writes reads its own write, and shares nothing from then on', async () => {
  await get('/title/one')
  await get('/both/one')
  const response = await served.server.inject({ method: 'POST', url: '/write/one' })
  expect(response.json()).toEqual({ before: 'One', after: 'Written', fromFunction: 'Written' })
})

test('a client that has seen more than this process gets what is there', async () => {
  await get('/title/one')
  await served.outside.query(`update posts set title = 'seen' where slug = 'one'`)
  const ahead = { 'quintet-client-position': 'e1:0/FFFF' }
  expect((await get('/title/one', ahead)).json()).toMatchObject({ title: 'seen' })
  expect((await get('/title/one', { 'quintet-client-position': 'nonsense' })).json()).toMatchObject({
    title: 'One',
  })
})

test('while the feed is not fresh everybody reads', async () => {
  await get('/title/one')
  await served.outside.query(`update posts set title = 'unseen' where slug = 'one'`)
  feed.setFresh(false)
  try {
    expect((await get('/title/one')).json()).toMatchObject({ title: 'unseen' })
  } finally {
    feed.setFresh(true)
  }
})

test('explain says that a value was kept, and what it depends on', async () => {
  await get('/shouted/one')
  const { queries } = recordOf(await get('/shouted/one', { 'quintet-explain': '1' }))
  expect(queries).toMatchObject([
    {
      text: 'shouted("one")',
      dependencies: [{ table: 'public.posts', equals: { slug: ['one'] } }],
      notes: ['kept in the worker by an earlier request'],
    },
  ])
})

test('inside a transaction the transaction itself is asked', async () => {
  await get('/both/one')
  meddle = () => served.outside.query(`update posts set title = 'committed' where slug = 'one'`)
  expect((await get('/in-transaction/one')).json()).toMatchObject([{ title: 'committed' }])
})

test('a value kept by hand bounds the page, and may depend on the clock; counting is no page to keep', async () => {
  const first = await get('/by-hand')
  const second = await get('/by-hand')
  expect(second.body).toBe(first.body)
  expect(recordOf(second)).toMatchObject({ vetoes: [], endsAt: recordOf(first).endsAt })
  expect(recordOf(await get('/views')).vetoes).toEqual(['it changes the object cache: increment "views"'])
})
