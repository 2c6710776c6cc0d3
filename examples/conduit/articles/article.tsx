import type { FieldErrors } from 'quintet'
import { ActionButton, ErrorMessages } from '../forms.tsx'
import type { Byline } from '../users/queries.ts'
import { Avatar, FollowButton, profileUrl } from '../users/views.tsx'
import { renderMarkdown } from './markdown.ts'
import type { articles, comments } from './models.ts'
import type { Standing } from './queries.ts'
import { ArticleMeta, articleUrl, DateLine, FavoriteButton, TagList } from './views.tsx'

type Comment = typeof comments.$inferSelect & { author: Byline }

interface ArticleProps {
  viewer: (Byline & { id: string }) | null
  article: typeof articles.$inferSelect
  author: Byline
  following: boolean
  standing: Standing
  comments: readonly Comment[]
  errors: FieldErrors
  values: Readonly<Partial<Record<string, string>>>
}

/** The reading page. */
export function ArticleView(props: ArticleProps) {
  const { article, author, standing } = props
  const meta = (
    <ArticleMeta author={author} createdAt={article.createdAt}>
      <ArticleButtons {...props} />
    </ArticleMeta>
  )
  return (
    <div class="article-page">
      <div class="banner">
        <div class="container reading">
          <h1>{article.title}</h1>
          <p class="lede">{article.description}</p>
          {meta}
        </div>
      </div>
      <div class="container reading">
        <div class="article-content">
          <div class="article-body" dangerouslySetInnerHTML={{ __html: renderMarkdown(article.body) }} />
          <TagList tags={standing.tagList} outline />
        </div>
        <hr />
        <div class="article-actions">{meta}</div>
        <hr />
        <Comments {...props} />
      </div>
    </div>
  )
}

function ArticleButtons({ viewer, article, author, following, standing }: ArticleProps) {
  const address = articleUrl(article.slug)
  return (
    <div class="article-buttons">
      {viewer?.id === article.authorId ? (
        <>
          <a class="btn btn-sm btn-outline-secondary" href={`/editor/${encodeURIComponent(article.slug)}`}>
            <i class="ion-edit" aria-hidden="true" /> Edit Article
          </a>
          <ActionButton action={`${address}?action=delete`} class="btn btn-sm btn-outline-danger">
            <i class="ion-trash-a" aria-hidden="true" /> Delete Article
          </ActionButton>
        </>
      ) : (
        <>
          <FollowButton username={author.username} following={following} back={address} />
          <FavoriteButton slug={article.slug} standing={standing} back={address} />
        </>
      )}
    </div>
  )
}

function Comments({ viewer, article, comments, errors, values }: ArticleProps) {
  const address = articleUrl(article.slug)
  return (
    <section class="comments" aria-labelledby="comments">
      <h2 id="comments">{comments.length === 1 ? '1 comment' : `${comments.length} comments`}</h2>
      <ErrorMessages errors={errors} />
      {viewer ? (
        <form class="card comment-form" method="post" action={`${address}?action=comment`}>
          <div class="card-block">
            <textarea
              class="form-control"
              name="body"
              rows={3}
              placeholder="Write a comment..."
              aria-label="Comment"
              required
            >
              {values.body ?? ''}
            </textarea>
          </div>
          <div class="card-footer">
            <Avatar of={viewer} class="comment-author-img" size={26} />
            <button type="submit" class="btn btn-sm btn-primary">
              Post Comment
            </button>
          </div>
        </form>
      ) : (
        <p class="comments-join">
          <a href="/login">Sign in</a> or <a href="/register">sign up</a> to add comments on this article.
        </p>
      )}
      {comments.map(comment => (
        <div class="card" key={comment.id} id={`comment-${comment.id}`}>
          <div class="card-block">
            <p class="card-text">{comment.body}</p>
          </div>
          <div class="card-footer">
            <a
              class="comment-author"
              href={profileUrl(comment.author.username)}
              tabIndex={-1}
              aria-label={comment.author.username}
            >
              <Avatar of={comment.author} class="comment-author-img" size={26} />
            </a>
            <a class="comment-author" href={profileUrl(comment.author.username)}>
              {comment.author.username}
            </a>
            <DateLine at={comment.createdAt} />
            {viewer?.id === comment.authorId && (
              <form class="mod-options" method="post" action={`${address}?action=deleteComment`}>
                <input type="hidden" name="id" value={comment.id} />
                <button type="submit" aria-label="Delete comment" title="Delete comment">
                  <i class="ion-trash-a" aria-hidden="true" />
                </button>
              </form>
            )}
          </div>
        </div>
      ))}
    </section>
  )
}
