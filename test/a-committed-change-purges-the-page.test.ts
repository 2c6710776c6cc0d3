import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestBand, testBand } from './band/band.ts'

let conduit: TestBand
/** Articles no other test touches, newest first. */
let articles: { id: number; slug: string; title: string; author_id: string; username: string }[]

beforeAll(async () => {
  conduit = await testBand('examples/conduit')
  articles = await conduit.sql(
    'select a.id, a.slug, a.title, a.author_id, u.username from articles a join users u on u.id = a.author_id order by a.created_at desc, a.id desc limit 40 offset 100',
  )
}, 120_000)
afterAll(() => conduit?.stop())

const take = () => {
  const article = articles.pop()
  if (!article) throw new Error('All articles are used up.')
  return { ...article, page: `/article/${article.slug}` }
}

/** Everything committed before has been seen: a change made afterwards to another page has arrived there. */
async function feedHasPassed(): Promise<void> {
  const marker = take()
  await conduit.warm(marker.page)
  await conduit.sql(`update articles set title = 'the marker' where id = $1`, [marker.id])
  await conduit.eventually(marker.page, visit => visit.body.includes('the marker'))
}

describe('a page changes after', () => {
  it('a raw UPDATE of its article', async () => {
    const { id, page } = take()
    await conduit.warm(page)
    await conduit.sql(`update articles set title = 'Written by hand' where id = $1`, [id])
    await conduit.eventually(page, visit => visit.body.includes('Written by hand'))
    expect((await conduit.warm(page)).body).toContain('Written by hand')
  })

  it("a change of its author's name", async () => {
    const { author_id, page } = take()
    await conduit.warm(page)
    await conduit.sql(`update users set username = 'Renamed Person' where id = $1`, [author_id])
    await conduit.eventually(page, visit => visit.body.includes('Renamed Person'))
  })

  it('a comment is added, and after it is deleted', async () => {
    const { id, author_id, page } = take()
    await conduit.warm(page)
    await conduit.sql(
      `insert into comments (article_id, author_id, body) values ($1, $2, 'A fresh remark')`,
      [id, author_id],
    )
    await conduit.eventually(page, visit => visit.body.includes('A fresh remark'))
    await conduit.warm(page)
    await conduit.sql(`delete from comments where body = 'A fresh remark'`)
    await conduit.eventually(page, visit => !visit.body.includes('A fresh remark'))
  })

  it('a tag is added', async () => {
    const { id, page } = take()
    await conduit.warm(page)
    await conduit.warm('/tag/brandnew')
    await conduit.sql(`insert into article_tags (article_id, position, tag) values ($1, 90, 'brandnew')`, [
      id,
    ])
    await conduit.eventually(page, visit => visit.body.includes('brandnew'))
    await conduit.eventually('/tag/brandnew', visit => visit.body.includes(page))
  })

  it('its article is deleted: then it is not found', async () => {
    const { id, page } = take()
    await conduit.warm(page)
    await conduit.sql('delete from articles where id = $1', [id])
    await conduit.eventually(page, visit => visit.status === 404)
  })

  it('an article is inserted into a list it shows; and a page that was not found appears', async () => {
    const { author_id } = take()
    await conduit.warm('/')
    await conduit.warm('/article/just-inserted')
    await conduit.sql(
      `insert into articles (slug, title, description, body, author_id) values ('just-inserted', 'Just inserted', 'd', 'b', $1)`,
      [author_id],
    )
    await conduit.eventually('/', visit => visit.body.includes('Just inserted'))
    await conduit.eventually('/article/just-inserted', visit => visit.status === 200)
  })

  it('an ALTER TABLE … USING rewrites its column', async () => {
    const { page, title } = take()
    expect((await conduit.warm(page)).body).toContain(title)
    await conduit.sql("alter table articles alter column title type text using title || ' (revised)'")
    await conduit.eventually(page, visit => visit.body.includes(`${title} (revised)`))
  })
})

describe('nothing is purged by', () => {
  it('a transaction that is rolled back', async () => {
    const { id, page } = take()
    const before = await conduit.warm(page)
    const client = await conduit.connect()
    await client.query('begin')
    await client.query(`update articles set title = 'Never committed' where id = $1`, [id])
    await client.query('rollback')
    await client.end()
    await feedHasPassed()
    const after = await conduit.visit(page)
    expect(after.hit).toBe(true)
    expect(after.body).toBe(before.body)
  })

  it('another row, or a column the page did not read', async () => {
    const { author_id, page } = take()
    const other = take()
    await conduit.warm(page)
    await conduit.sql(`update articles set title = 'Elsewhere' where id = $1`, [other.id])
    await conduit.sql(`update users set email_verified = not email_verified where id = $1`, [author_id])
    await conduit.sql(`insert into comments (article_id, author_id, body) values ($1, $2, 'Elsewhere')`, [
      other.id,
      author_id,
    ])
    await feedHasPassed()
    expect((await conduit.visit(page)).hit).toBe(true)
  })
})

describe('what is stored', () => {
  it('a response begun before a commit that matches it is not', async () => {
    const { id, page, title } = take()
    const blocker = await conduit.connect()
    await blocker.query('begin')
    await blocker.query('lock table comments in access exclusive mode')
    const render = conduit.visit(page)
    // The page has read its article and now waits for the comments.
    await expect
      .poll(() =>
        conduit.sql(
          `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query ilike '%comments%'`,
        ),
      )
      .not.toEqual([])
    await conduit.sql(`update articles set title = 'Committed meanwhile' where id = $1`, [id])
    await feedHasPassedWithoutComments()
    await blocker.query('rollback')
    await blocker.end()
    const old = await render
    expect(old.body.includes(title)).toBe(true)
    expect(old.headers['cache-status']).not.toContain('stored')
    expect((await conduit.visit(page)).body).toContain('Committed meanwhile')
  })

  it('one entry, whatever parameters nobody read', async () => {
    const { page } = take()
    await conduit.warm(page)
    const visit = await conduit.visit(`${page}?utm_source=letter&utm_campaign=${Date.now()}`)
    expect(visit.hit).toBe(true)
  })
})

/** Like feedHasPassed, while the comments table is locked and no article page can be made. */
async function feedHasPassedWithoutComments(): Promise<void> {
  await conduit.warm('/tag/marker-tag')
  const { id } = take()
  await conduit.sql(`insert into article_tags (article_id, position, tag) values ($1, 91, 'marker-tag')`, [
    id,
  ])
  await conduit.eventually('/tag/marker-tag', visit => visit.body.includes('article-preview'))
}
