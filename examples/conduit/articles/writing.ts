import { and, eq, like, ne, or, sql } from 'drizzle-orm'
import type { Db } from 'quintet'
import { articles, articleTags, comments, favorites } from './models.ts'
import { freeSlug, slugify } from './slug.ts'

type Article = typeof articles.$inferSelect
type Connection = Pick<Db, 'select' | 'insert' | 'update' | 'delete' | 'execute'>

export interface Draft {
  readonly title: string
  readonly description: string
  readonly body: string
  readonly tagList: readonly string[]
}

/** Publishes a draft under a slug of its own. */
export async function publishArticle(db: Db, authorId: string, draft: Draft): Promise<Article> {
  const { tagList, ...text } = draft
  return await db.transaction(async tx => {
    const slug = await slugFor(tx, draft.title)
    const [article] = await tx
      .insert(articles)
      .values({ ...text, slug, authorId })
      .returning()
    if (!article) throw new Error('The insert returned no row')
    await setTags(tx, article.id, tagList)
    return article
  })
}

/** Changes what the draft names; a new title brings a new slug. */
export async function editArticle(db: Db, article: Article, draft: Partial<Draft>): Promise<Article> {
  const { tagList, ...text } = draft
  return await db.transaction(async tx => {
    const renamed = text.title !== undefined && text.title !== article.title
    const slug = renamed ? await slugFor(tx, text.title as string, article.id) : article.slug
    const [edited] = await tx
      .update(articles)
      .set({ ...text, slug, updatedAt: sql`now()` })
      .where(eq(articles.id, article.id))
      .returning()
    if (tagList !== undefined) await setTags(tx, article.id, tagList)
    return edited ?? article
  })
}

export async function deleteArticle(db: Db, id: number): Promise<void> {
  await db.delete(articles).where(eq(articles.id, id))
}

export async function addComment(db: Db, articleId: number, authorId: string, body: string) {
  const [comment] = await db.insert(comments).values({ articleId, authorId, body }).returning()
  if (!comment) throw new Error('The insert returned no row')
  return comment
}

export async function deleteComment(db: Db, id: number): Promise<void> {
  await db.delete(comments).where(eq(comments.id, id))
}

export async function favorite(db: Db, articleId: number, userId: string): Promise<void> {
  await db.insert(favorites).values({ articleId, userId }).onConflictDoNothing()
}

export async function unfavorite(db: Db, articleId: number, userId: string): Promise<void> {
  await db.delete(favorites).where(and(eq(favorites.articleId, articleId), eq(favorites.userId, userId)))
}

/** A slug that no other article has. */
async function slugFor(db: Connection, title: string, except = 0): Promise<string> {
  const slug = slugify(title)
  // One title at a time: two authors who publish the same headline at once get two slugs.
  await db.execute(sql`select pg_advisory_xact_lock(hashtextextended(${slug}, 0))`)
  const rows = await db
    .select({ slug: articles.slug })
    .from(articles)
    .where(and(or(eq(articles.slug, slug), like(articles.slug, `${slug}-%`)), ne(articles.id, except)))
  return freeSlug(slug, new Set(rows.map(row => row.slug)))
}

async function setTags(db: Connection, articleId: number, tagList: readonly string[]): Promise<void> {
  await db.delete(articleTags).where(eq(articleTags.articleId, articleId))
  const tags = [...new Set(tagList)]
  if (tags.length > 0)
    await db.insert(articleTags).values(tags.map((tag, position) => ({ articleId, position, tag })))
}
