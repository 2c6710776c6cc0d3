import { sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { hashPassword } from 'quintet'
import { articles, articleTags, comments, favorites } from '../articles/models.ts'
import { freeSlug, slugify } from '../articles/slug.ts'
import { accounts, follows, users } from '../users/models.ts'
import { essay, headline, remark } from './prose.ts'
import { type Random, seededRandom } from './random.ts'
import { bios, firstNames, lastNames, themes } from './themes.ts'

/** Every seeded user's password; the first user is `demo@conduit.example`. */
export const seedPassword = 'conduit-demo'

const counts = { users: 200, articles: 2_000, comments: 20_000 }
const day = 86_400_000
// Fixed, so that two machines show the same blog.
const newest = Date.parse('2026-06-30T18:00:00Z')
const oldest = newest - 730 * day

type Db = Pick<NodePgDatabase, 'insert' | 'execute'>

/** Inserts row by the hundred: PostgreSQL takes at most 65,535 parameters at once. */
async function inBatches<Row>(
  rows: readonly Row[],
  insert: (batch: Row[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += 1_000) await insert(rows.slice(start, start + 1_000))
}

function makeUsers(random: Random) {
  const names = new Set(['demo'])
  while (names.size < counts.users) names.add(`${random.pick(firstNames)}-${random.pick(lastNames)}`)
  return [...names].map(username => ({
    id: random.uuid(),
    username,
    email: `${username}@conduit.example`,
    emailVerified: true,
    bio: random.chance(0.85) ? random.pick(bios) : null,
    image: random.chance(0.94) ? `/avatars/${username}.svg` : null,
    createdAt: new Date(oldest - random.between(1, 200) * day),
    updatedAt: new Date(oldest),
  }))
}

function makeArticles(random: Random, authors: readonly { id: string }[]) {
  const taken = new Set<string>()
  return Array.from({ length: counts.articles }, (_, index) => {
    const theme = random.pick(themes)
    const { title, description } = headline(theme, random)
    const slug = freeSlug(slugify(title), taken)
    taken.add(slug)
    const step = (newest - oldest) / counts.articles
    const createdAt = new Date(Math.round(oldest + step * (index + random.next())))
    // Squaring the roll makes a few people write a lot, as in any blog.
    const author = authors[Math.floor(random.next() ** 2 * authors.length)] as { id: string }
    const body = essay(theme, random, random.between(1_000, 5_200))
    const tags = random.sample(theme.tags, random.between(1, 4))
    return {
      theme,
      tags,
      row: { slug, title, description, body, authorId: author.id, createdAt, updatedAt: createdAt },
    }
  })
}

/** Fills an empty database: 200 users, 2,000 articles, 20,000 comments, follows, favourites and tags, always the same. */
export async function seed(db: Db): Promise<void> {
  const random = seededRandom(1953)
  const password = await hashPassword(seedPassword)
  const people = makeUsers(random)
  await db.insert(users).values(people)
  await db.insert(accounts).values(
    people.map(({ id }) => ({
      id: random.uuid(),
      accountId: id,
      providerId: 'credential',
      userId: id,
      password,
    })),
  )
  await inBatches(
    people.flatMap(({ id }) =>
      random
        .sample(people, random.between(4, 20))
        .filter(other => other.id !== id)
        .map(other => ({ followerId: id, followedId: other.id })),
    ),
    batch => db.insert(follows).values(batch),
  )

  const written = makeArticles(random, people)
  const ids: number[] = []
  await inBatches(written, async batch => {
    const rows = await db
      .insert(articles)
      .values(batch.map(({ row }) => row))
      .returning({ id: articles.id })
    ids.push(...rows.map(row => row.id))
  })
  const published = written.map((article, index) => ({ ...article, id: ids[index] as number }))
  await inBatches(
    published.flatMap(({ id, tags }) => tags.map((tag, position) => ({ articleId: id, position, tag }))),
    batch => db.insert(articleTags).values(batch),
  )
  await inBatches(
    published.flatMap(({ id }) =>
      random
        .sample(people, Math.floor(random.next() ** 3 * 50))
        .map(user => ({ articleId: id, userId: user.id })),
    ),
    batch => db.insert(favorites).values(batch),
  )

  const remarks = Array.from({ length: counts.comments }, () => {
    const { id, theme, row } = random.pick(published)
    const createdAt = new Date(row.createdAt.getTime() + Math.round(random.next() ** 2 * 20 * day) + 60_000)
    return {
      articleId: id,
      authorId: random.pick(people).id,
      body: remark(theme, random),
      createdAt,
      updatedAt: createdAt,
    }
  })
  remarks.sort((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
  await inBatches(remarks, batch => db.insert(comments).values(batch))
  // The planner knows nothing of rows that have just arrived.
  await db.execute(sql`analyze`)
}
