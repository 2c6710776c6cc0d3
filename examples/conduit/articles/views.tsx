import { ActionButton } from '../forms.tsx'
import type { Byline } from '../users/queries.ts'
import { Avatar, profileUrl } from '../users/views.tsx'
import type { ListedRow, Standing } from './queries.ts'

export const pageSize = 10

export const articleUrl = (slug: string) => `/article/${encodeURIComponent(slug)}`
export const tagUrl = (tag: string) => `/tag/${encodeURIComponent(tag)}`

/** An article as a list shows it. */
export type Preview = Pick<ListedRow, 'slug' | 'title' | 'description' | 'createdAt'> &
  Standing & { author: Byline }

const dates = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})

export function DateLine({ at }: { at: Date }) {
  return (
    <time class="date" dateTime={at.toISOString()}>
      {dates.format(at)}
    </time>
  )
}

/** Author, date and, beside them, what can be done. */
export function ArticleMeta(props: { author: Byline; createdAt: Date; children?: preact.ComponentChildren }) {
  const { author } = props
  return (
    <div class="article-meta">
      <a href={profileUrl(author.username)} tabIndex={-1} aria-label={author.username}>
        <Avatar of={author} size={44} />
      </a>
      <div class="info">
        <a class="author" href={profileUrl(author.username)}>
          {author.username}
        </a>
        <DateLine at={props.createdAt} />
      </div>
      {props.children}
    </div>
  )
}

/** The heart: `short` in lists shows the number only. */
export function FavoriteButton(props: { slug: string; standing: Standing; back: string; short?: boolean }) {
  const { favorited, favoritesCount } = props.standing
  const verb = favorited ? 'Unfavorite' : 'Favorite'
  return (
    <ActionButton
      action={`${articleUrl(props.slug)}?action=${favorited ? 'unfavorite' : 'favorite'}`}
      back={props.back}
      class={`btn btn-sm ${favorited ? 'btn-primary' : 'btn-outline-primary'}`}
      label={props.short ? `${verb} (${favoritesCount})` : undefined}
    >
      <i class="ion-heart" aria-hidden="true" />
      {props.short ? (
        <span class="counter">{favoritesCount}</span>
      ) : (
        <>
          {verb} Article <span class="counter">({favoritesCount})</span>
        </>
      )}
    </ActionButton>
  )
}

export function TagList({ tags, outline = false }: { tags: readonly string[]; outline?: boolean }) {
  if (tags.length === 0) return null
  return (
    <ul class="tag-list">
      {tags.map(tag => (
        <li key={tag}>
          <a class={`tag-default tag-pill${outline ? ' tag-outline' : ''}`} href={tagUrl(tag)}>
            {tag}
          </a>
        </li>
      ))}
    </ul>
  )
}

function ArticlePreview({ article, back }: { article: Preview; back: string }) {
  return (
    <article class="article-preview">
      <ArticleMeta author={article.author} createdAt={article.createdAt}>
        <FavoriteButton slug={article.slug} standing={article} back={back} short />
      </ArticleMeta>
      <a class="preview-link" href={articleUrl(article.slug)}>
        <h1>{article.title}</h1>
        <p>{article.description}</p>
        <span>Read more…</span>
      </a>
      <TagList tags={article.tagList} outline />
    </article>
  )
}

/** A list with its pages, or what to say when there is nothing to list. `address` is the list's own, without `page`. */
export function ArticleList(props: {
  articles: readonly Preview[]
  total: number
  page: number
  address: string
  empty: preact.ComponentChildren
}) {
  const { articles, page, address } = props
  if (articles.length === 0) return <div class="empty-feed-message">{props.empty}</div>
  return (
    <>
      <div class="article-list">
        {articles.map(article => (
          <ArticlePreview
            key={article.slug}
            article={article}
            back={page > 1 ? pageUrl(address, page) : address}
          />
        ))}
      </div>
      <Pagination pages={Math.ceil(props.total / pageSize)} page={page} address={address} />
    </>
  )
}

const pageUrl = (address: string, page: number) =>
  `${address}${address.includes('?') ? '&' : '?'}page=${page}`

function Pagination({ pages, page, address }: { pages: number; page: number; address: string }) {
  if (pages < 2) return null
  return (
    <nav aria-label="Pages">
      <ul class="pagination">
        {shownPages(pages, page).map((number, index) =>
          number === null ? (
            <li class="page-item disabled" key={`gap-${index}`}>
              <span class="page-link">…</span>
            </li>
          ) : (
            <li class={`page-item${number === page ? ' active' : ''}`} key={number}>
              <a
                class="page-link"
                href={pageUrl(address, number)}
                aria-current={number === page ? 'page' : undefined}
              >
                {number}
              </a>
            </li>
          ),
        )}
      </ul>
    </nav>
  )
}

/** The first, the last and three around the current one; null is a gap. */
export function shownPages(pages: number, page: number): (number | null)[] {
  const start = Math.max(1, Math.min(page - 1, pages - 2))
  const near = [1, start, start + 1, start + 2, pages].filter(number => number <= pages)
  const numbers = [...new Set(near)].sort((one, other) => one - other)
  return numbers.flatMap((number, index) => {
    const gap = number - (numbers[index - 1] ?? 0)
    if (gap === 2) return [number - 1, number]
    return gap > 2 ? [null, number] : [number]
  })
}
