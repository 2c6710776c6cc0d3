import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Conduit, startConduit } from './test/conduit.ts'

let conduit: Conduit
let token: string

beforeAll(async () => {
  conduit = await startConduit({ recorded: true })
  const user = { username: 'ada', email: 'ada@example.org', password: 'long-enough' }
  token = (await conduit.api('POST', '/users', { body: { user } })).body.user.token
  for (const title of ['One', 'Two', 'Three']) {
    const article = { title, description: 'd', body: 'b', tagList: ['tea'] }
    await conduit.api('POST', '/articles', { token, body: { article } })
  }
  await conduit.api('POST', '/articles/two/comments', { token, body: { comment: { body: 'Hm' } } })
})
afterAll(() => conduit?.close())

interface Read {
  parts: string[]
  vetoes: string[]
  dependencies: { table: string; equals: Record<string, string[]>; columns: string[] | null }[]
}

async function readBy(url: string, headers: Record<string, string> = {}): Promise<Read> {
  const response = await conduit.inject({ method: 'GET', url, headers })
  return JSON.parse(String(response.headers['quintet-record']))
}

/** The tables that count as a whole, with the columns that matter. */
const wholeTables = ({ dependencies }: Read) =>
  dependencies
    .filter(({ equals }) => Object.keys(equals).length === 0)
    .map(({ table, columns }) => `${table.replace('public.', '')}(${columns?.join(' ') ?? '*'})`)

test.each([
  '/',
  '/?page=2',
  '/tag/tea',
  '/article/two',
  '/profile/ada',
  '/profile/ada/favorites',
  '/login',
  '/register',
  '/article/none',
  '/avatars/ada.svg',
  '/api/articles',
  '/api/articles/two',
  '/api/articles/two/comments',
  '/api/profiles/ada',
  '/api/tags',
])('nothing stops %s from being kept', async url => {
  expect((await readBy(url)).vetoes).toEqual([])
})

test('a member’s pages and answers can be kept, too', async () => {
  for (const url of ['/api/user', '/api/articles/feed', '/api/articles/two']) {
    const read = await readBy(url, { authorization: `Token ${token}` })
    expect(read.vetoes).toEqual([])
    expect(read.parts).toContain('header:authorization')
  }
})

test('an article page hangs on its own rows, and on nothing else', async () => {
  const read = await readBy('/article/two')
  expect(wholeTables(read)).toEqual([])
  expect(read.parts).toEqual(['cookie:session'])
  expect(read.dependencies.map(({ table, equals }) => `${table} by ${Object.keys(equals)}`).sort()).toEqual([
    'public.article_tags by article_id',
    'public.articles by slug',
    'public.comments by article_id',
    'public.favorites by article_id',
    // The author; and, joined to the comments, their writers, by the keys in the result.
    'public.users by id',
    'public.users by id',
  ])
})

test('a list hangs on which articles there are, and on the columns of those that it shows', async () => {
  expect(wholeTables(await readBy('/')).sort()).toEqual(['article_tags(tag)', 'articles(created_at id)'])
  const shown = (await readBy('/')).dependencies.find(
    ({ table, equals }) => table === 'public.articles' && 'id' in equals,
  )
  expect(shown?.equals.id).toHaveLength(3)
  expect(shown?.columns).toContain('title')
  expect(shown?.columns).not.toContain('body')
  expect(wholeTables(await readBy('/profile/ada'))).toEqual([])
})

test('a picture hangs on nothing', async () => {
  expect(await readBy('/avatars/ada.svg')).toMatchObject({ parts: [], dependencies: [] })
})
