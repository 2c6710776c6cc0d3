import { action, type Db, forbidden, notFound, page, redirect } from 'quintet'
import { z } from 'zod'
import { backTo, ErrorMessages, Field } from '../forms.tsx'
import { buttonForm, tagsField, text } from '../input.ts'
import { bylinesOf, followedAmong } from '../users/queries.ts'
import { ArticleView } from './article.tsx'
import { Banner } from './banner.tsx'
import { pageNumber, previews } from './previews.ts'
import { articleBySlug, commentById, discussionOf, popularTags, standingsOf } from './queries.ts'
import { ArticleList, articleUrl, type Preview, TagList, tagUrl } from './views.tsx'
import {
  addComment,
  deleteArticle,
  deleteComment,
  editArticle,
  favorite,
  publishArticle,
  unfavorite,
} from './writing.ts'

const signIn = { redirectTo: '/login' }

interface FeedProps {
  signedIn: boolean
  feed: 'global' | 'following' | 'tag'
  tag?: string
  tags: readonly string[]
  list: { articles: readonly Preview[]; total: number; page: number }
}

function Home({ signedIn, feed, tag, tags, list }: FeedProps) {
  const address = feed === 'tag' ? tagUrl(tag as string) : feed === 'following' ? '/?feed=following' : '/'
  const tab = (name: FeedProps['feed'], href: string, label: preact.ComponentChildren) => (
    <li class="nav-item">
      <a
        class={`nav-link${feed === name ? ' active' : ''}`}
        href={href}
        aria-current={feed === name ? 'page' : undefined}
      >
        {label}
      </a>
    </li>
  )
  return (
    <div class="home-page">
      {!signedIn && <Banner />}
      <div class="container columns">
        <div>
          <div class="feed-toggle">
            <ul class="nav nav-pills outline-active">
              {signedIn && tab('following', '/?feed=following', 'Your Feed')}
              {tab('global', '/', 'Global Feed')}
              {feed === 'tag' && tab('tag', address, `# ${tag}`)}
            </ul>
          </div>
          <ArticleList {...list} address={address} empty={<EmptyFeed feed={feed} tag={tag} />} />
        </div>
        <aside class="sidebar" aria-label="Popular tags">
          <h2>Popular Tags</h2>
          <TagList tags={tags} />
        </aside>
      </div>
    </div>
  )
}

function EmptyFeed({ feed, tag }: { feed: FeedProps['feed']; tag: string | undefined }) {
  if (feed === 'following') {
    return (
      <>
        <strong>Your feed is empty</strong>
        Follow some users to see their articles here, or browse the <a href="/">Global Feed</a>.
      </>
    )
  }
  return (
    <>
      <strong>No articles are here… yet.</strong>
      {feed === 'tag' ? `Nobody has tagged an article “${tag}”.` : 'Sign up and write the first one.'}
    </>
  )
}

export const homePage = page('/', {
  load: async ({ query, db, user }) => {
    const viewer = await user()
    const following = query.get('feed') === 'following'
    if (following && !viewer) return redirect('/login')
    const filter = following && viewer ? { followedBy: viewer.id } : {}
    const list = await previews(db, filter, pageNumber(query.get('page')), viewer)
    const feed: FeedProps['feed'] = following ? 'following' : 'global'
    return { list, tags: await popularTags(db, 20), feed, signedIn: viewer !== null }
  },
  view: Home,
})

export const tagPage = page('/tag/:tag', {
  load: async ({ params, query, db, user }) => {
    const viewer = await user()
    const list = await previews(db, { tag: params.tag }, pageNumber(query.get('page')), viewer)
    const feed: FeedProps['feed'] = 'tag'
    return { list, tags: await popularTags(db, 20), feed, tag: params.tag, signedIn: viewer !== null }
  },
  head: ({ tag }) => ({ title: `Articles about ${tag}` }),
  view: Home,
})

/** The article of an action's page, and whoever acts. */
async function acting(context: {
  params: Readonly<Record<string, string>>
  db: Db
  requireUser: (options: { redirectTo: string }) => Promise<{ id: string }>
}) {
  const viewer = await context.requireUser(signIn)
  return { viewer, article: (await articleBySlug(context.db, context.params.slug ?? '')) ?? notFound() }
}

export const articlePage = page('/article/:slug', {
  load: async ({ params, db, user }) => {
    const viewer = await user()
    const article = (await articleBySlug(db, params.slug)) ?? notFound()
    const [comments, standings, bylines, followed] = await Promise.all([
      discussionOf(db, article.id),
      standingsOf(db, [article.id], viewer),
      bylinesOf(db, [article.authorId]),
      followedAmong(db, [article.authorId], viewer),
    ])
    const standing = standings.get(article.id) ?? notFound()
    const author = bylines.get(article.authorId) ?? notFound()
    return { viewer, article, author, following: followed.has(article.authorId), standing, comments }
  },
  head: ({ article }) => ({ title: article.title, description: article.description }),
  actions: {
    comment: action(z.object({ body: text(10_000) }), async context => {
      const { viewer, article } = await acting(context)
      await addComment(context.db, article.id, viewer.id, context.input.body)
      return redirect(articleUrl(article.slug))
    }),
    deleteComment: action(z.object({ id: z.coerce.number().int() }), async context => {
      const { viewer, article } = await acting(context)
      const comment = await commentById(context.db, context.input.id)
      if (comment && comment.authorId !== viewer.id) forbidden({ comment: ['forbidden'] })
      if (comment) await deleteComment(context.db, comment.id)
      return redirect(articleUrl(article.slug))
    }),
    delete: action(z.object({}), async context => {
      const { viewer, article } = await acting(context)
      if (article.authorId !== viewer.id) forbidden()
      await deleteArticle(context.db, article.id)
      return redirect('/')
    }),
    favorite: action(buttonForm, async context => {
      const { viewer, article } = await acting(context)
      await favorite(context.db, article.id, viewer.id)
      return redirect(backTo(context.input.back, articleUrl(article.slug)))
    }),
    unfavorite: action(buttonForm, async context => {
      const { viewer, article } = await acting(context)
      await unfavorite(context.db, article.id, viewer.id)
      return redirect(backTo(context.input.back, articleUrl(article.slug)))
    }),
  },
  view: ArticleView,
})

const draftForm = z.object({ title: text(250), description: text(500), body: text(), tagList: tagsField })

type DraftValues = Readonly<Partial<Record<'title' | 'description' | 'body' | 'tagList', string | undefined>>>

function Editor(props: {
  action: string
  draft: DraftValues
  errors: Parameters<typeof ErrorMessages>[0]['errors']
}) {
  const { draft } = props
  return (
    <div class="editor-page form-page container reading">
      <h1>{props.action === '/editor' ? 'New Article' : 'Edit Article'}</h1>
      <ErrorMessages errors={props.errors} />
      <form method="post" action={props.action}>
        <Field name="title" label="Title" value={draft.title} placeholder="Article Title" required />
        <Field
          name="description"
          label="Description"
          value={draft.description}
          placeholder="What's this article about?"
          required
        />
        <Field
          name="body"
          label="Text"
          value={draft.body}
          rows={16}
          placeholder="Write your article (in markdown)"
          hint="Markdown: ## heading, **bold**, > quote, - list, ```code```."
          required
        />
        <fieldset class="form-group">
          <label for="field-tagList">Tags</label>
          <input
            id="field-tagList"
            class="form-control"
            type="text"
            name="tagList"
            value={draft.tagList ?? ''}
            placeholder="Enter tags"
            aria-describedby="field-tagList-hint"
            data-tags
          />
          <p class="hint" id="field-tagList-hint">
            Separated by commas, in the order in which they should appear.
          </p>
          <ul class="tag-list" />
        </fieldset>
        <div class="form-actions">
          <button type="submit" class="btn btn-lg btn-primary">
            Publish Article
          </button>
        </div>
      </form>
    </div>
  )
}

export const newArticlePage = page('/editor', {
  load: async ({ requireUser }) => {
    await requireUser(signIn)
    return {}
  },
  head: () => ({ title: 'New Article' }),
  actions: {
    default: action(draftForm, async ({ input, db, requireUser }) => {
      const viewer = await requireUser(signIn)
      const article = await publishArticle(db, viewer.id, input)
      return redirect(articleUrl(article.slug))
    }),
  },
  view: ({ errors, values }) => <Editor action="/editor" draft={values} errors={errors} />,
})

export const editArticlePage = page('/editor/:slug', {
  load: async ({ params, db, requireUser }) => {
    const viewer = await requireUser(signIn)
    const article = (await articleBySlug(db, params.slug)) ?? notFound()
    if (article.authorId !== viewer.id) forbidden()
    const tags = (await standingsOf(db, [article.id], null)).get(article.id)?.tagList ?? []
    return { article, tags }
  },
  head: ({ article }) => ({ title: `Edit ${article.title}` }),
  actions: {
    default: action(draftForm, async context => {
      const { viewer, article } = await acting(context)
      if (article.authorId !== viewer.id) forbidden()
      const edited = await editArticle(context.db, article, context.input)
      return redirect(articleUrl(edited.slug))
    }),
  },
  view: ({ article, tags, errors, values }) => (
    <Editor
      action={`/editor/${encodeURIComponent(article.slug)}`}
      draft={{ ...article, tagList: tags.join(', '), ...values }}
      errors={errors}
    />
  ),
})
