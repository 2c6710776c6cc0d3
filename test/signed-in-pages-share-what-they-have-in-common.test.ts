import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestBand, testBand } from './band/band.ts'
import { commentsAreSeenAtOnce, signIn } from './band/visitor.ts'

let conduit: TestBand

beforeAll(async () => {
  conduit = await testBand('examples/conduit', ['database.cacheReads=true', 'app.workers=1'])
}, 120_000)
afterAll(() => conduit?.stop())

/** Whether the query came from what another request had fetched; explain asks the worker as a visitor would. */
async function queriesOf(path: string, cookie: string) {
  const { queries } = await conduit.explain(path, cookie)
  const kept = (words: string): boolean[] =>
    queries
      .filter(({ text }) => text.includes(words))
      .map(({ notes }) => notes.includes('kept in the worker by an earlier request'))
  return { kept, queries }
}

it('asks the database once for what two people’s pages show alike, and purges both when it changes', async () => {
  const users = await conduit.sql<{ email: string }>('select email from users order by id limit 2')
  const [ada, bob] = [
    await signIn(conduit, users[0]?.email ?? ''),
    await signIn(conduit, users[1]?.email ?? ''),
  ]
  const popularTags = 'group by "article_tags"."tag"'

  const adasPage = await conduit.warm('/', { headers: { cookie: ada } })
  const bobs = await queriesOf('/', bob)
  expect(bobs.kept(popularTags)).toEqual([true])
  // His own session nobody had asked for.
  expect(bobs.kept('from "sessions"')).toEqual([false])
  const bobsPage = await conduit.warm('/', { headers: { cookie: bob } })

  const [newest] = await conduit.sql<{ id: number; title: string }>(
    'select id, title from articles order by created_at desc, id desc limit 1',
  )
  for (const page of [adasPage, bobsPage]) expect(page.body).toContain(newest?.title)
  await conduit.sql(`update articles set title = 'A title for both' where id = $1`, [newest?.id])
  for (const cookie of [ada, bob]) {
    await conduit.eventually('/', visit => visit.body.includes('A title for both'), { headers: { cookie } })
    const again = await conduit.warm('/', { headers: { cookie } })
    expect(again.body).toContain('A title for both')
    expect((await conduit.explain('/', cookie)).lastPurge).toMatchObject({ table: 'public.articles' })
  }
  // What the update did not touch was not asked for again.
  expect((await queriesOf('/', bob)).kept(popularTags)).toEqual([true])
})

it('shows a writer their own comment in the very next answer, with all reads shared', () =>
  commentsAreSeenAtOnce(conduit))
