import type { Db } from 'quintet'
import { bylinesOf, type Viewer } from '../users/queries.ts'
import { type ArticleFilter, listArticles, standingsOf } from './queries.ts'
import { type Preview, pageSize } from './views.tsx'

/** One page of a list, ready to be shown. */
export async function previews(
  db: Db,
  filter: ArticleFilter,
  page: number,
  viewer: Viewer,
): Promise<{ articles: Preview[]; total: number; page: number }> {
  const { rows, total } = await listArticles(db, filter, { limit: pageSize, offset: (page - 1) * pageSize })
  const standings = await standingsOf(
    db,
    rows.map(row => row.id),
    viewer,
  )
  const authors = await bylinesOf(
    db,
    rows.map(row => row.authorId),
  )
  const articles = rows.flatMap(row => {
    const author = authors.get(row.authorId)
    const standing = standings.get(row.id)
    // Deleted between the two queries: gone.
    return author && standing ? [{ ...row, ...standing, author }] : []
  })
  return { articles, total, page }
}

/** The page number in `?page=`; anything else is the first page. */
export function pageNumber(text: string | undefined): number {
  const number = Number(text ?? 1)
  return Number.isInteger(number) && number >= 1 && number <= 100_000 ? number : 1
}
