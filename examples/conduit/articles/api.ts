import { type Db, forbidden, notFound, reply, route } from 'quintet'
import { z } from 'zod'
import { tag, text } from '../input.ts'
import { profileJson } from '../users/api.ts'
import { profilesOf, userByUsername, type Viewer } from '../users/queries.ts'
import type { articles } from './models.ts'
import {
  type ArticleFilter,
  articleBySlug,
  type ListedRow,
  listArticles,
  popularTags,
  standingsOf,
} from './queries.ts'
import { deleteArticle, editArticle, favorite, publishArticle, unfavorite } from './writing.ts'

const listedJson = z.object({
  slug: z.string(),
  title: z.string(),
  description: z.string(),
  tagList: z.array(z.string()),
  createdAt: z.string(),
  updatedAt: z.string(),
  favorited: z.boolean(),
  favoritesCount: z.number().int(),
  author: profileJson,
})
const articleJson = z.object({ article: listedJson.extend({ body: z.string() }) })
const articlesJson = z.object({ articles: z.array(listedJson), articlesCount: z.number().int() })

const paging = {
  limit: z.coerce
    .number('is invalid')
    .int('is invalid')
    .min(1, 'must be at least 1')
    .default(20)
    .transform(limit => Math.min(limit, 100)),
  offset: z.coerce
    .number('is invalid')
    .int('is invalid')
    .min(0, 'must be at least 0')
    .max(1e9, 'is too large')
    .default(0),
}

const tagList = z.array(tag, 'must be a list of tags').max(20, 'are too many (at most 20)')

export const getArticles = route('GET /api/articles', {
  query: z.object({
    ...paging,
    tag: z.string().optional(),
    author: z.string().optional(),
    favorited: z.string().optional(),
  }),
  response: { 200: articlesJson },
  handler: async ({ query, db, user }) => {
    const viewer = await user()
    const author = query.author === undefined ? undefined : await userByUsername(db, query.author)
    const admirer = query.favorited === undefined ? undefined : await userByUsername(db, query.favorited)
    const nobody = (query.author !== undefined && !author) || (query.favorited !== undefined && !admirer)
    if (nobody) return { articles: [], articlesCount: 0 }
    return listAs(db, { tag: query.tag, authorId: author?.id, favoritedBy: admirer?.id }, query, viewer)
  },
})

export const getFeed = route('GET /api/articles/feed', {
  query: z.object(paging),
  response: { 200: articlesJson },
  signedIn: true,
  handler: async ({ query, db, requireUser }) => {
    const viewer = await requireUser()
    return listAs(db, { followedBy: viewer.id }, query, viewer)
  },
})

export const createArticle = route('POST /api/articles', {
  body: z.object({
    article: z.object({
      title: text(250),
      description: text(500),
      body: text(),
      tagList: tagList.default([]),
    }),
  }),
  response: { 201: articleJson },
  signedIn: true,
  handler: async ({ body, db, requireUser }) => {
    const viewer = await requireUser()
    return reply(201, await articleAs(db, await publishArticle(db, viewer.id, body.article), viewer))
  },
})

export const getArticle = route('GET /api/articles/:slug', {
  response: { 200: articleJson },
  handler: async ({ params, db, user }) =>
    articleAs(db, await existingArticle(db, params.slug), await user()),
})

export const updateArticle = route('PUT /api/articles/:slug', {
  body: z.object({
    article: z
      .object({ title: text(250), description: text(500), body: text(), tagList })
      .partial()
      .refine(change => Object.keys(change).length > 0, 'needs at least one field'),
  }),
  response: { 200: articleJson },
  signedIn: true,
  handler: async ({ params, body, db, requireUser }) => {
    const viewer = await requireUser()
    const article = await existingArticle(db, params.slug)
    if (article.authorId !== viewer.id) forbidden({ article: ['forbidden'] })
    return articleAs(db, await editArticle(db, article, body.article), viewer)
  },
})

export const removeArticle = route('DELETE /api/articles/:slug', {
  signedIn: true,
  handler: async ({ params, db, requireUser }) => {
    const viewer = await requireUser()
    const article = await existingArticle(db, params.slug)
    if (article.authorId !== viewer.id) forbidden({ article: ['forbidden'] })
    await deleteArticle(db, article.id)
    return reply(204)
  },
})

export const favoriteArticle = route('POST /api/articles/:slug/favorite', {
  response: { 200: articleJson },
  signedIn: true,
  handler: async ({ params, db, requireUser }) => {
    const viewer = await requireUser()
    const article = await existingArticle(db, params.slug)
    await favorite(db, article.id, viewer.id)
    return articleAs(db, article, viewer)
  },
})

export const unfavoriteArticle = route('DELETE /api/articles/:slug/favorite', {
  response: { 200: articleJson },
  signedIn: true,
  handler: async ({ params, db, requireUser }) => {
    const viewer = await requireUser()
    const article = await existingArticle(db, params.slug)
    await unfavorite(db, article.id, viewer.id)
    return articleAs(db, article, viewer)
  },
})

export const getTags = route('GET /api/tags', {
  response: { 200: z.object({ tags: z.array(z.string()) }) },
  handler: async ({ db }) => ({ tags: await popularTags(db) }),
})

/** The article, or a 404 that names it. */
export async function existingArticle(db: Db, slug: string): Promise<typeof articles.$inferSelect> {
  return (await articleBySlug(db, slug)) ?? notFound({ article: ['not found'] })
}

async function articleAs(db: Db, article: typeof articles.$inferSelect, viewer: Viewer) {
  const [shown] = await listedAs(db, [article], viewer)
  return { article: { ...(shown ?? notFound({ article: ['not found'] })), body: article.body } }
}

async function listAs(
  db: Db,
  filter: ArticleFilter,
  page: { limit: number; offset: number },
  viewer: Viewer,
) {
  const { rows, total } = await listArticles(db, filter, page)
  return { articles: await listedAs(db, rows, viewer), articlesCount: total }
}

async function listedAs(db: Db, rows: readonly ListedRow[], viewer: Viewer) {
  const standings = await standingsOf(
    db,
    rows.map(row => row.id),
    viewer,
  )
  const authors = await profilesOf(
    db,
    rows.map(row => row.authorId),
    viewer,
  )
  return rows.flatMap(({ slug, title, description, createdAt, updatedAt, ...row }) => {
    const author = authors.get(row.authorId)
    const standing = standings.get(row.id)
    // Deleted between the two queries: gone.
    if (!author || !standing) return []
    const stamps = { createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() }
    return [{ slug, title, description, ...stamps, ...standing, author }]
  })
}
