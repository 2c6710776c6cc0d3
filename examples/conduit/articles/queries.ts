import { and, count, desc, eq, inArray } from 'drizzle-orm'
import type { PgSelect } from 'drizzle-orm/pg-core'
import type { Db } from 'quintet'
import { follows, users } from '../users/models.ts'
import type { Viewer } from '../users/queries.ts'
import { articles, articleTags, comments, favorites } from './models.ts'

/** An article as lists carry it: everything but the body. */
export type ListedRow = Omit<typeof articles.$inferSelect, 'body'>

/** Tags and favourites of an article. */
export interface Standing {
  readonly tagList: string[]
  readonly favoritesCount: number
  readonly favorited: boolean
}

/** Which articles a list shows; ids of users, not names. */
export interface ArticleFilter {
  readonly tag?: string | undefined
  readonly authorId?: string | undefined
  readonly favoritedBy?: string | undefined
  /** Only authors whom this user follows. */
  readonly followedBy?: string | undefined
}

const listed = {
  id: articles.id,
  slug: articles.slug,
  title: articles.title,
  description: articles.description,
  authorId: articles.authorId,
  createdAt: articles.createdAt,
  updatedAt: articles.updatedAt,
}

/** Newest first. `total` counts all matches, not the page. */
export async function listArticles(
  db: Db,
  filter: ArticleFilter,
  page: { limit: number; offset: number },
): Promise<{ rows: ListedRow[]; total: number }> {
  // The ids come from an index alone; whole rows are then fetched by key, only for those that are shown. With what
  // sorts them beside the ids, a list is purged by what stands on it or before it, and by nothing after it.
  const matching = db.select({ id: articles.id, createdAt: articles.createdAt }).from(articles).$dynamic()
  const counted = db.select({ total: count() }).from(articles).$dynamic()
  narrow(matching, filter)
  narrow(counted, filter)
  const onPage = matching
    .orderBy(...newestFirst)
    .limit(page.limit)
    .offset(page.offset)
  const [ids, totals] = await Promise.all([onPage, counted])
  const rows = await articlesById(
    db,
    ids.map(row => row.id),
  )
  return { rows, total: totals[0]?.total ?? 0 }
}

const newestFirst = [desc(articles.createdAt), desc(articles.id)]

async function articlesById(db: Db, ids: number[]): Promise<ListedRow[]> {
  if (ids.length === 0) return []
  return await db
    .select(listed)
    .from(articles)
    .where(inArray(articles.id, ids))
    .orderBy(...newestFirst)
}

function narrow(query: PgSelect, { tag, authorId, favoritedBy, followedBy }: ArticleFilter): void {
  if (tag !== undefined) {
    query.innerJoin(articleTags, and(eq(articleTags.articleId, articles.id), eq(articleTags.tag, tag)))
  }
  if (favoritedBy !== undefined) {
    query.innerJoin(favorites, and(eq(favorites.articleId, articles.id), eq(favorites.userId, favoritedBy)))
  }
  if (followedBy !== undefined) {
    query.innerJoin(
      follows,
      and(eq(follows.followedId, articles.authorId), eq(follows.followerId, followedBy)),
    )
  }
  if (authorId !== undefined) query.where(eq(articles.authorId, authorId))
}

export async function articleBySlug(db: Db, slug: string) {
  const [article] = await db.select().from(articles).where(eq(articles.slug, slug))
  return article
}

/** Tags and favourites by article id, in one query for each. */
export async function standingsOf(
  db: Db,
  ids: readonly number[],
  viewer: Viewer,
): Promise<Map<number, Standing>> {
  if (ids.length === 0) return new Map()
  const wanted = [...ids].sort((one, other) => one - other)
  const tagsOfAll = db
    .select({ articleId: articleTags.articleId, tag: articleTags.tag })
    .from(articleTags)
    .where(inArray(articleTags.articleId, wanted))
    .orderBy(articleTags.articleId, articleTags.position)
  const countsOfAll = db
    .select({ articleId: favorites.articleId, count: count() })
    .from(favorites)
    .where(inArray(favorites.articleId, wanted))
    .groupBy(favorites.articleId)
  const mineOfAll = viewer
    ? db
        .select({ articleId: favorites.articleId })
        .from(favorites)
        .where(and(eq(favorites.userId, viewer.id), inArray(favorites.articleId, wanted)))
    : []
  const [tags, counts, mine] = await Promise.all([tagsOfAll, countsOfAll, mineOfAll])
  return new Map(
    wanted.map(id => [
      id,
      {
        tagList: tags.filter(row => row.articleId === id).map(row => row.tag),
        favoritesCount: counts.find(row => row.articleId === id)?.count ?? 0,
        favorited: mine.some(row => row.articleId === id),
      },
    ]),
  )
}

/** Newest first. */
export async function commentsOn(db: Db, articleId: number) {
  return await db.select().from(comments).where(eq(comments.articleId, articleId)).orderBy(desc(comments.id))
}

/** With who wrote them, newest first. */
export async function discussionOf(db: Db, articleId: number) {
  const rows = await db
    .select({ comment: comments, author: { id: users.id, username: users.username, image: users.image } })
    .from(comments)
    .innerJoin(users, eq(users.id, comments.authorId))
    .where(eq(comments.articleId, articleId))
    .orderBy(desc(comments.id))
  return rows.map(({ comment, author }) => ({ ...comment, author }))
}

export async function commentById(db: Db, id: number) {
  const [comment] = await db.select().from(comments).where(eq(comments.id, id))
  return comment
}

/** The most used tags first; all of them without a limit. */
export async function popularTags(db: Db, limit?: number): Promise<string[]> {
  const rows = await db
    .select({ tag: articleTags.tag })
    .from(articleTags)
    .groupBy(articleTags.tag)
    .orderBy(desc(count()), articleTags.tag)
    .limit(limit ?? 1_000)
  return rows.map(row => row.tag)
}
