import { and, count, desc, eq, exists, gt, inArray, relations, sql } from 'drizzle-orm'
import { bigint, boolean, integer, pgTable, pgView, primaryKey, serial, text } from 'drizzle-orm/pg-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database, prepareFeed } from '../data/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { createAnalyzer } from './analyzer.ts'
import { loadCatalog } from './catalog.ts'
import { runRecorded } from './context.ts'
import { Recorder } from './recorder.ts'
import { recordQueries } from './recordQueries.ts'

const users = pgTable('users', { id: serial().primaryKey(), name: text().notNull(), active: boolean() })
const articles = pgTable('articles', {
  id: bigint({ mode: 'number' }).primaryKey(),
  authorId: integer('author_id').notNull(),
  slug: text().notNull(),
  title: text(),
})
const comments = pgTable('comments', {
  id: serial().primaryKey(),
  articleId: bigint('article_id', { mode: 'number' }).notNull(),
  authorId: integer('author_id'),
  body: text(),
})
const tags = pgTable(
  'article_tags',
  { articleId: bigint('article_id', { mode: 'number' }), tag: text() },
  table => [primaryKey({ columns: [table.articleId, table.tag] })],
)
const counts = pgView('counts', { authorId: integer('author_id'), articles: integer() }).existing()

const schema = {
  users,
  articles,
  comments,
  tags,
  usersRelations: relations(users, ({ many }) => ({ articles: many(articles), comments: many(comments) })),
  articlesRelations: relations(articles, ({ one, many }) => ({
    author: one(users, { fields: [articles.authorId], references: [users.id] }),
    comments: many(comments),
    tags: many(tags),
  })),
  commentsRelations: relations(comments, ({ one }) => ({
    article: one(articles, { fields: [comments.articleId], references: [articles.id] }),
    author: one(users, { fields: [comments.authorId], references: [users.id] }),
  })),
  tagsRelations: relations(tags, ({ one }) => ({
    article: one(articles, { fields: [tags.articleId], references: [articles.id] }),
  })),
}

let outside: TestDatabase
let app: Database<typeof schema>

beforeAll(async () => {
  outside = await testDatabase(`
    create table users (id serial primary key, name text not null, active bool);
    create table articles (id bigint primary key, author_id int not null, slug text not null, title text);
    create table comments (id serial primary key, article_id bigint not null, author_id int, body text);
    create table article_tags (article_id bigint, tag text, primary key (article_id, tag));
    create view counts as select author_id, count(*)::int as articles from articles group by author_id`)
  app = createDatabase({ url: outside.url, schema })
  await prepareFeed(app, 'quintet')
  const catalog = await loadCatalog(app.internal.query, 'quintet')
  recordQueries(app, await createAnalyzer({ catalog }))
})

afterAll(async () => {
  await app.close()
  await outside.close()
})

/** `users(name=a) id,name` for each dependency that the calls record; throws if the record is vetoed. */
async function reads(run: (db: typeof app.db) => Promise<unknown>): Promise<string[]> {
  const recorder = new Recorder()
  // Drizzle's builders run when they are awaited: that must happen inside.
  await runRecorded(recorder, async () => await run(app.db))
  const { dependencies, vetoes } = recorder.close()
  if (vetoes.length > 0) throw new Error(vetoes.join('; '))
  return dependencies
    .map(({ table, equals, columns }) => {
      const conditions = Object.entries(equals).map(([column, values]) => `${column}=${values.join('|')}`)
      return `${table.replace('public.', '')}(${conditions.join(' ')}) ${columns?.join(',') ?? '*'}`
    })
    .sort()
}

describe('what Drizzle writes', () => {
  it('relational: what hangs on the rows found is narrowed where their key is given', async () => {
    expect(
      await reads(db =>
        db.query.articles.findFirst({
          where: eq(articles.id, 7),
          columns: { title: true },
          with: { comments: { columns: { body: true }, orderBy: desc(comments.id), limit: 5 }, tags: true },
        }),
      ),
    ).toEqual([
      'article_tags(article_id=7) article_id,tag',
      'articles(id=7) id,title',
      'comments(article_id=7) article_id,body,id',
    ])
  })

  it('relational: levels within levels, one and many', async () => {
    const found = await reads(db =>
      db.query.articles.findMany({
        where: eq(articles.authorId, 3),
        with: { author: { columns: { name: true } }, comments: { with: { author: true } } },
        limit: 10,
      }),
    )
    expect(found).toEqual([
      'articles(author_id=3) author_id,id,slug,title',
      'comments() article_id,author_id,body,id',
      'users() active,id,name',
      'users(id=3) id,name',
    ])
  })

  it('relational: a callback with SQL of its own', async () => {
    expect(
      await reads(db =>
        db.query.users.findMany({
          where: (user, { eq: is }) => is(user.name, 'ann'),
          extras: { loud: sql<string>`upper(${users.name})`.as('loud') },
        }),
      ),
    ).toEqual(['users(name=ann) active,id,name'])
  })

  it('joins, subqueries, CTEs and views by the builder', async () => {
    expect(
      await reads(async db => {
        const busy = db
          .$with('busy')
          .as(db.select({ id: users.id, who: users.name }).from(users).where(eq(users.active, true)))
        await db.with(busy).select({ who: busy.who }).from(busy).where(eq(busy.id, 4))
      }),
    ).toEqual(['users(active=t id=4) active,id,name'])
    expect(
      await reads(async db => {
        const sub = db.select({ author: articles.authorId, n: count().as('n') }).from(articles)
        const grouped = sub.groupBy(articles.authorId).as('grouped')
        await db.select().from(users).innerJoin(grouped, eq(grouped.author, users.id)).where(eq(users.id, 5))
      }),
    ).toEqual(['articles(author_id=5) author_id', 'users(id=5) active,id,name'])
    expect(await reads(db => db.select().from(counts).where(eq(counts.authorId, 6)))).toEqual([
      'articles(author_id=6) author_id',
    ])
  })

  it('lists, EXISTS and counting', async () => {
    expect(
      await reads(db =>
        db
          .select({ id: articles.id })
          .from(articles)
          .where(
            and(
              inArray(articles.slug, ['a', 'b']),
              exists(
                db
                  .select()
                  .from(tags)
                  .where(and(eq(tags.articleId, articles.id), eq(tags.tag, 'x'))),
              ),
            ),
          ),
      ),
    ).toEqual(['article_tags(tag=x) article_id,tag', 'articles(slug=a|b) id,slug'])
    expect(await reads(db => db.$count(comments, eq(comments.articleId, 9)))).toEqual([
      'comments(article_id=9) article_id',
    ])
    expect(await reads(db => db.select().from(users).where(gt(users.id, 5)).limit(3))).toHaveLength(1)
  })

  it('in a transaction that only reads', async () => {
    expect(
      await reads(db => db.transaction(tx => tx.query.users.findFirst({ where: eq(users.id, 1) }))),
    ).toEqual(['users(id=1) active,id,name'])
  })
})
