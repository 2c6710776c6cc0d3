import { verifyPassword } from 'better-auth/crypto'
import { drizzle } from 'drizzle-orm/node-postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDatabase } from '../../../src/testing/database.ts'
import * as models from '../models.ts'
import { conduitDatabase } from '../test/database.ts'
import { essay } from './prose.ts'
import { seededRandom } from './random.ts'
import { seed, seedPassword } from './seed.ts'
import { themes } from './themes.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await conduitDatabase()
  const db = drizzle(database.url, { schema: models })
  await seed(db)
  await db.$client.end()
})
afterAll(() => database?.close())

test('the blog has the promised size', async () => {
  const { rows } = await database.query(`
    select (select count(*)::int from users) as users, (select count(*)::int from articles) as articles,
           (select count(*)::int from comments) as comments, (select count(*)::int from follows) > 1000 as follows,
           (select count(*)::int from favorites) > 10000 as favorites,
           (select count(distinct article_id)::int from article_tags) as tagged,
           (select min(length(body)) >= 1000 and max(length(body)) <= 6000 from articles) as sized`)
  expect(rows).toEqual([
    {
      users: 200,
      articles: 2_000,
      comments: 20_000,
      follows: true,
      favorites: true,
      tagged: 2_000,
      sized: true,
    },
  ])
})

test('ids follow time, and nobody comments before an article is there', async () => {
  const { rows } = await database.query(`
    select (select count(*)::int from articles a join articles b on b.id = a.id + 1 where b.created_at < a.created_at) as unordered,
           (select count(*)::int from comments c join articles a on a.id = c.article_id where c.created_at < a.created_at) as early,
           (select count(*)::int from follows where follower_id = followed_id) as selfish`)
  expect(rows).toEqual([{ unordered: 0, early: 0, selfish: 0 }])
})

test('it is the same blog everywhere', async () => {
  const { rows } = await database.query(
    `select md5(string_agg(slug || title || body || created_at::text, '' order by id)) as print from articles`,
  )
  expect(rows).toMatchInlineSnapshot(`
    [
      {
        "print": "364717b191d26211c03a099627e1816b",
      },
    ]
  `)
  expect(essay(themes[0] as (typeof themes)[number], seededRandom(7), 1_500)).toBe(
    essay(themes[0] as (typeof themes)[number], seededRandom(7), 1_500),
  )
})

test('everybody can sign in with the password that the README names', async () => {
  const { rows } = await database.query<{ password: string; accounts: number }>(
    'select min(password) as password, count(*)::int as accounts from accounts having min(password) = max(password)',
  )
  expect(rows[0]?.accounts).toBe(200)
  expect(await verifyPassword({ hash: rows[0]?.password as string, password: seedPassword })).toBe(true)
})
