import { type Db, forbidden, notFound, reply, route } from 'quintet'
import { z } from 'zod'
import { text } from '../input.ts'
import { profileJson } from '../users/api.ts'
import { profilesOf, type Viewer } from '../users/queries.ts'
import { existingArticle } from './api.ts'
import type { comments } from './models.ts'
import { commentById, commentsOn } from './queries.ts'
import { addComment, deleteComment } from './writing.ts'

const commentJson = z.object({
  id: z.number().int(),
  createdAt: z.string(),
  updatedAt: z.string(),
  body: z.string(),
  author: profileJson,
})

export const getComments = route('GET /api/articles/:slug/comments', {
  response: { 200: z.object({ comments: z.array(commentJson) }) },
  handler: async ({ params, db, user }) => {
    const article = await existingArticle(db, params.slug)
    return { comments: await commentsAs(db, await commentsOn(db, article.id), await user()) }
  },
})

export const createComment = route('POST /api/articles/:slug/comments', {
  body: z.object({ comment: z.object({ body: text(10_000) }) }),
  response: { 201: z.object({ comment: commentJson }) },
  signedIn: true,
  handler: async ({ params, body, db, requireUser }) => {
    const viewer = await requireUser()
    const article = await existingArticle(db, params.slug)
    const added = await addComment(db, article.id, viewer.id, body.comment.body)
    const [comment] = await commentsAs(db, [added], viewer)
    return reply(201, { comment: comment ?? notFound({ comment: ['not found'] }) })
  },
})

export const removeComment = route('DELETE /api/articles/:slug/comments/:id', {
  signedIn: true,
  handler: async ({ params, db, requireUser }) => {
    const viewer = await requireUser()
    const article = await existingArticle(db, params.slug)
    const comment = /^\d{1,9}$/.test(params.id) ? await commentById(db, Number(params.id)) : undefined
    if (comment?.articleId !== article.id) notFound({ comment: ['not found'] })
    if (comment.authorId !== viewer.id) forbidden({ comment: ['forbidden'] })
    await deleteComment(db, comment.id)
    return reply(204)
  },
})

async function commentsAs(db: Db, rows: readonly (typeof comments.$inferSelect)[], viewer: Viewer) {
  const authors = await profilesOf(
    db,
    rows.map(row => row.authorId),
    viewer,
  )
  return rows.flatMap(({ id, body, createdAt, updatedAt, authorId }) => {
    const author = authors.get(authorId)
    return author
      ? [{ id, body, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString(), author }]
      : []
  })
}
