import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Conduit, startConduit } from './test/conduit.ts'
import { documented } from './test/openapi.ts'

let conduit: Conduit
let ada: string
let bela: string
let slug: string

const article = {
  title: 'On tea',
  description: 'Leaves and water',
  body: 'Boil it.',
  tagList: ['tea', 'cups', 'a-first'],
}

beforeAll(async () => {
  conduit = await startConduit()
  ada = await signUp('ada')
  bela = await signUp('bela')
  slug = (await conduit.api('POST', '/articles', { token: ada, body: { article } })).body.article.slug
})
afterAll(() => conduit?.close())

async function signUp(name: string): Promise<string> {
  const user = { username: name, email: `${name}@example.org`, password: 'long-enough' }
  const answer = await conduit.api('POST', '/users', { body: { user } })
  expect(answer.status).toBe(201)
  return answer.body.user.token
}

async function write(title: string, tagList: string[] = [], token = ada): Promise<string> {
  const answer = await conduit.api('POST', '/articles', {
    token,
    body: { article: { ...article, title, tagList } },
  })
  expect(answer.status).toBe(201)
  return answer.body.article.slug
}

const unauthorized = { status: 401, body: { errors: { token: ['is missing'] } } }
const noArticle = { status: 404, body: { errors: { article: ['not found'] } } }
const noProfile = { status: 404, body: { errors: { profile: ['not found'] } } }
const invalid = (errors: Record<string, string[]>) => ({ status: 422, body: { errors } })

describe('users', () => {
  test('registering answers 201 with a token that works', async () => {
    const answer = await conduit.api('POST', '/users', {
      body: { user: { username: 'cleo', email: 'cleo@example.org', password: 'long-enough' } },
    })
    expect(answer).toMatchObject({
      status: 201,
      body: { user: { username: 'cleo', email: 'cleo@example.org', bio: null, image: null } },
    })
    const me = await conduit.api('GET', '/user', { token: answer.body.user.token })
    expect(me).toMatchObject({
      status: 200,
      body: { user: { username: 'cleo', token: answer.body.user.token } },
    })
  })

  test.each([
    ['username', { username: 'ada', email: 'other@example.org' }],
    ['email', { username: 'other', email: 'ada@example.org' }],
  ])('a taken %s is a conflict', async (field, names) => {
    const answer = await conduit.api('POST', '/users', {
      body: { user: { ...names, password: 'long-enough' } },
    })
    expect(answer).toMatchObject({ status: 409, body: { errors: { [field]: ['has already been taken'] } } })
  })

  test.each([
    [{ email: 'x@example.org', password: 'long-enough' }, { username: ["can't be blank"] }],
    [{ username: '  ', email: 'x@example.org', password: 'long-enough' }, { username: ["can't be blank"] }],
    [{ username: 'x', email: '', password: 'long-enough' }, { email: ["can't be blank"] }],
    [{ username: 'x', email: 'nowhere', password: 'long-enough' }, { email: ['is invalid'] }],
    [{ username: 'x', email: 'x@example.org', password: '' }, { password: ["can't be blank"] }],
    [
      { username: 'x', email: 'x@example.org', password: 'short' },
      { password: ['is too short (at least 8 characters)'] },
    ],
  ])('registering %j is refused', async (user, errors) => {
    const answer = await conduit.api('POST', '/users', { body: { user } })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toMatchObject(errors)
  })

  test('a body that is not JSON, or no user at all, is refused in the same envelope', async () => {
    expect(await conduit.api('POST', '/users', { body: {} })).toMatchObject({
      status: 422,
      body: { errors: { user: expect.any(Array) } },
    })
    const broken = await conduit.inject({
      method: 'POST',
      url: '/api/users',
      headers: { 'content-type': 'application/json' },
      payload: '{"user":',
    })
    expect(broken.statusCode).toBeGreaterThanOrEqual(400)
    expect(broken.statusCode).toBeLessThan(500)
    expect(broken.json()).toMatchObject({ errors: expect.any(Object) })
  })

  test('logging in', async () => {
    const answer = await conduit.api('POST', '/users/login', {
      body: { user: { email: 'ada@example.org', password: 'long-enough' } },
    })
    expect(answer).toMatchObject({
      status: 200,
      body: { user: { username: 'ada', email: 'ada@example.org' } },
    })
  })

  test.each([
    ['ada@example.org', 'wrong-password'],
    ['nobody@example.org', 'long-enough'],
  ])('a wrong e-mail or password: %s, %s', async (email, password) => {
    const answer = await conduit.api('POST', '/users/login', { body: { user: { email, password } } })
    expect(answer).toMatchObject({ status: 401, body: { errors: { credentials: ['invalid'] } } })
  })

  test('logging in with a blank field', async () => {
    const answer = await conduit.api('POST', '/users/login', { body: { user: { email: '', password: 'x' } } })
    expect(answer).toEqual(invalid({ email: ["can't be blank"] }))
  })

  test('the current user needs a good token', async () => {
    expect(await conduit.api('GET', '/user')).toEqual(unauthorized)
    expect(await conduit.api('GET', '/user', { token: 'no-such-token' })).toEqual(unauthorized)
    expect(await conduit.api('PUT', '/user', { body: { user: { bio: 'x' } } })).toEqual(unauthorized)
  })

  test('updating changes what is named; an empty bio or image becomes null', async () => {
    const token = await signUp('dora')
    const put = (user: object) => conduit.api('PUT', '/user', { token, body: { user } })
    expect((await put({ bio: 'Bakes', image: 'https://example.org/d.png' })).body.user).toMatchObject({
      username: 'dora',
      bio: 'Bakes',
      image: 'https://example.org/d.png',
    })
    expect((await put({ bio: '' })).body.user).toMatchObject({
      bio: null,
      image: 'https://example.org/d.png',
    })
    expect((await put({ image: null })).body.user).toMatchObject({ bio: null, image: null })
    expect((await put({ username: 'dorothea', email: 'doro@example.org' })).body.user).toMatchObject({
      username: 'dorothea',
      email: 'doro@example.org',
      token,
    })
    expect(await put({ password: 'even-longer' })).toMatchObject({ status: 200, body: { user: { token } } })
    const login = (password: string) =>
      conduit.api('POST', '/users/login', { body: { user: { email: 'doro@example.org', password } } })
    expect((await login('even-longer')).status).toBe(200)
    expect((await login('long-enough')).status).toBe(401)
  })

  test.each([
    [{ username: null }, { username: ["can't be blank"] }],
    [{ email: ' ' }, { email: ["can't be blank"] }],
    [{ password: '' }, { password: ["can't be blank"] }],
  ])('updating to %j is refused', async (user, errors) => {
    const answer = await conduit.api('PUT', '/user', { token: ada, body: { user } })
    expect(answer.status).toBe(422)
    expect(answer.body.errors).toMatchObject(errors)
  })

  test('updating nothing is refused, and so is somebody else’s name', async () => {
    expect(await conduit.api('PUT', '/user', { token: ada, body: { user: {} } })).toMatchObject({
      status: 422,
    })
    const taken = await conduit.inject({
      method: 'PUT',
      url: '/api/user',
      headers: { authorization: `Token ${ada}` },
      payload: { user: { username: 'bela' } },
    })
    expect(taken.statusCode).toBe(409)
    expect(taken.json()).toEqual({ errors: { username: ['has already been taken'] } })
  })
})

describe('profiles', () => {
  test('anyone may look; following shows to the follower only', async () => {
    expect(await conduit.api('GET', '/profiles/bela')).toEqual({
      status: 200,
      body: { profile: { username: 'bela', bio: null, image: null, following: false } },
    })
    expect(await conduit.api('POST', '/profiles/bela/follow', { token: ada })).toMatchObject({
      status: 200,
      body: { profile: { username: 'bela', following: true } },
    })
    expect((await conduit.api('POST', '/profiles/bela/follow', { token: ada })).status).toBe(200)
    expect((await conduit.api('GET', '/profiles/bela', { token: ada })).body.profile.following).toBe(true)
    expect((await conduit.api('GET', '/profiles/bela', { token: bela })).body.profile.following).toBe(false)
    expect(await conduit.api('DELETE', '/profiles/bela/follow', { token: ada })).toMatchObject({
      status: 200,
      body: { profile: { username: 'bela', following: false } },
    })
  })

  test('unknown people, and no token', async () => {
    expect(await conduit.api('GET', '/profiles/nobody')).toEqual(noProfile)
    for (const method of ['POST', 'DELETE'] as const) {
      expect(await conduit.api(method, '/profiles/nobody/follow', { token: ada })).toEqual(noProfile)
      expect(await conduit.api(method, '/profiles/bela/follow')).toEqual(unauthorized)
    }
  })

  test('nobody follows themselves', async () => {
    expect(await conduit.api('POST', '/profiles/ada/follow', { token: ada })).toMatchObject({ status: 422 })
  })
})

describe('articles', () => {
  test('creating answers 201 with the whole article, tags in the author’s order', async () => {
    const answer = await conduit.api('POST', '/articles', {
      token: ada,
      body: { article: { ...article, title: 'Été & Ivy' } },
    })
    expect(answer).toMatchObject({
      status: 201,
      body: {
        article: {
          slug: 'ete-ivy',
          title: 'Été & Ivy',
          description: 'Leaves and water',
          body: 'Boil it.',
          tagList: ['tea', 'cups', 'a-first'],
          favorited: false,
          favoritesCount: 0,
          author: { username: 'ada', bio: null, image: null, following: false },
        },
      },
    })
    expect(answer.body.article.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  test('two articles may share a title: their slugs still differ', async () => {
    const slugs = await Promise.all([write('Twins'), write('Twins'), write('Twins', [], bela)])
    expect(new Set(slugs)).toEqual(new Set(['twins', 'twins-2', 'twins-3']))
  })

  test.each([
    [{ title: '' }, { title: ["can't be blank"] }],
    [{ title: null }, { title: ["can't be blank"] }],
    [{ description: ' ' }, { description: ["can't be blank"] }],
    [{ body: undefined }, { body: ["can't be blank"] }],
    [{ tagList: null }, { tagList: ['must be a list of tags'] }],
    [{ tagList: ['fine', ''] }, { tagList: ["can't be blank"] }],
  ])('creating with %j is refused', async (change, errors) => {
    const answer = await conduit.api('POST', '/articles', {
      token: ada,
      body: { article: { ...article, ...change } },
    })
    expect(answer).toEqual(invalid(errors as Record<string, string[]>))
  })

  test('reading one', async () => {
    expect(await conduit.api('GET', `/articles/${slug}`)).toMatchObject({
      status: 200,
      body: { article: { slug, body: 'Boil it.', tagList: ['tea', 'cups', 'a-first'] } },
    })
    expect(await conduit.api('GET', '/articles/no-such-article')).toEqual(noArticle)
  })

  test('updating changes what is named, and the slug follows the title', async () => {
    const old = await write('First draft', ['one', 'two'])
    const put = (change: object, at = old) =>
      conduit.api('PUT', `/articles/${at}`, { token: ada, body: { article: change } })
    const before = (await conduit.api('GET', `/articles/${old}`)).body.article
    const edited = (await put({ body: 'Better.' })).body.article
    expect(edited).toMatchObject({
      slug: old,
      title: 'First draft',
      body: 'Better.',
      tagList: ['one', 'two'],
      createdAt: before.createdAt,
    })
    expect(Date.parse(edited.updatedAt)).toBeGreaterThanOrEqual(Date.parse(before.updatedAt))
    expect((await put({ tagList: [] })).body.article.tagList).toEqual([])
    expect((await put({ title: 'First draft' })).body.article.slug).toBe(old)
    expect((await put({ title: 'Second draft' })).body.article.slug).toBe('second-draft')
    expect(await conduit.api('GET', `/articles/${old}`)).toEqual(noArticle)
  })

  test.each([
    [{ title: '' }, { title: ["can't be blank"] }],
    [{ body: null }, { body: ["can't be blank"] }],
    [{ tagList: null }, { tagList: ['must be a list of tags'] }],
    [{}, { article: ['needs at least one field'] }],
  ])('updating to %j is refused', async (change, errors) => {
    const answer = await conduit.api('PUT', `/articles/${slug}`, { token: ada, body: { article: change } })
    expect(answer).toEqual(invalid(errors as Record<string, string[]>))
  })

  test('only the author may update or delete', async () => {
    const forbidden = { status: 403, body: { errors: { article: ['forbidden'] } } }
    const body = { article: { title: 'Mine now' } }
    expect(await conduit.api('PUT', `/articles/${slug}`, { token: bela, body })).toEqual(forbidden)
    expect(await conduit.api('PUT', `/articles/${slug}`, { body })).toEqual(unauthorized)
    expect(await conduit.api('PUT', '/articles/no-such-article', { token: ada, body })).toEqual(noArticle)
    expect(await conduit.api('DELETE', `/articles/${slug}`, { token: bela })).toEqual(forbidden)
    expect(await conduit.api('DELETE', `/articles/${slug}`)).toEqual(unauthorized)
    expect(await conduit.api('DELETE', '/articles/no-such-article', { token: ada })).toEqual(noArticle)
  })

  test('deleting answers 204 with no body, and takes comments, tags and favourites along', async () => {
    const doomed = await write('Doomed', ['doomed'])
    await conduit.api('POST', `/articles/${doomed}/comments`, {
      token: bela,
      body: { comment: { body: 'Oh' } },
    })
    await conduit.api('POST', `/articles/${doomed}/favorite`, { token: bela })
    expect(await conduit.api('DELETE', `/articles/${doomed}`, { token: ada })).toEqual({
      status: 204,
      body: undefined,
    })
    expect(await conduit.api('GET', `/articles/${doomed}`)).toEqual(noArticle)
    expect((await conduit.api('GET', '/tags')).body.tags).not.toContain('doomed')
  })

  test('writing needs a token', async () => {
    expect(await conduit.api('POST', '/articles', { body: { article } })).toEqual(unauthorized)
    expect(await conduit.api('POST', '/articles', { body: { article }, token: 'bad' })).toEqual(unauthorized)
  })
})

describe('lists', () => {
  beforeAll(async () => {
    for (let number = 1; number <= 23; number++) await write(`Listed ${number}`, ['listed'], bela)
    await conduit.api('POST', '/articles/listed-3/favorite', { token: ada })
    await conduit.api('POST', '/articles/listed-5/favorite', { token: ada })
  })

  test('newest first, twenty by default, without bodies, counting all', async () => {
    const { status, body } = await conduit.api('GET', '/articles?tag=listed')
    expect(status).toBe(200)
    expect(body.articlesCount).toBe(23)
    expect(body.articles).toHaveLength(20)
    expect(body.articles[0].title).toBe('Listed 23')
    expect(body.articles.every((listed: object) => !('body' in listed))).toBe(true)
  })

  test('limit and offset', async () => {
    const { body } = await conduit.api('GET', '/articles?tag=listed&limit=2&offset=1')
    expect(body.articles.map((listed: { title: string }) => listed.title)).toEqual(['Listed 22', 'Listed 21'])
    expect(body.articlesCount).toBe(23)
  })

  test.each(['limit=0', 'limit=many', 'offset=-1', 'offset=1.5'])('?%s is refused', async query => {
    for (const list of ['/articles', '/articles/feed']) {
      const answer = await conduit.api('GET', `${list}?${query}`, { token: ada })
      expect(answer.status).toBe(422)
      expect(Object.keys(answer.body.errors)).toEqual([query.split('=')[0]])
    }
  })

  test('by author, by favourite, and both', async () => {
    const titles = async (query: string) =>
      (await conduit.api('GET', `/articles?${query}`)).body.articles.map(
        (listed: { title: string }) => listed.title,
      )
    expect((await conduit.api('GET', '/articles?author=bela')).body.articlesCount).toBe(24)
    expect(await titles('favorited=ada')).toEqual(['Listed 5', 'Listed 3'])
    expect(await titles('favorited=ada&author=bela&tag=listed')).toEqual(['Listed 5', 'Listed 3'])
    expect(await titles('favorited=ada&author=ada')).toEqual([])
    expect(await titles('author=nobody')).toEqual([])
    expect(await titles('tag=no-such-tag')).toEqual([])
  })

  test('the viewer sees their favourites', async () => {
    const { body } = await conduit.api('GET', '/articles?tag=listed&offset=18&limit=1', { token: ada })
    expect(body.articles[0]).toMatchObject({ title: 'Listed 5', favorited: true, favoritesCount: 1 })
    const { body: other } = await conduit.api('GET', '/articles?tag=listed&offset=18&limit=1', {
      token: bela,
    })
    expect(other.articles[0]).toMatchObject({ favorited: false, favoritesCount: 1 })
  })

  test('the feed holds articles of those whom one follows', async () => {
    const reader = await signUp('reader')
    expect(await conduit.api('GET', '/articles/feed', { token: reader })).toEqual({
      status: 200,
      body: { articles: [], articlesCount: 0 },
    })
    await conduit.api('POST', '/profiles/bela/follow', { token: reader })
    const { body } = await conduit.api('GET', '/articles/feed?limit=3', { token: reader })
    expect(body.articlesCount).toBe(24)
    expect(body.articles).toHaveLength(3)
    expect(body.articles[0]).toMatchObject({
      title: 'Listed 23',
      author: { username: 'bela', following: true },
    })
    expect(await conduit.api('GET', '/articles/feed')).toEqual(unauthorized)
  })

  test('tags', async () => {
    const { status, body } = await conduit.api('GET', '/tags')
    expect(status).toBe(200)
    expect(body.tags[0]).toBe('listed')
    expect(body.tags).toContain('tea')
    expect(new Set(body.tags).size).toBe(body.tags.length)
  })
})

describe('favourites', () => {
  test('favourite and unfavourite count once', async () => {
    const favorite = (method: 'POST' | 'DELETE') =>
      conduit.api(method, `/articles/${slug}/favorite`, { token: bela })
    expect(await favorite('POST')).toMatchObject({
      status: 200,
      body: { article: { slug, favorited: true, favoritesCount: 1 } },
    })
    expect((await favorite('POST')).body.article.favoritesCount).toBe(1)
    expect(await favorite('DELETE')).toMatchObject({
      status: 200,
      body: { article: { favorited: false, favoritesCount: 0 } },
    })
  })

  test('unknown articles, and no token', async () => {
    for (const method of ['POST', 'DELETE'] as const) {
      expect(await conduit.api(method, '/articles/no-such-article/favorite', { token: ada })).toEqual(
        noArticle,
      )
      expect(await conduit.api(method, `/articles/${slug}/favorite`)).toEqual(unauthorized)
    }
  })
})

describe('comments', () => {
  const say = (body: unknown, token = bela) =>
    conduit.api('POST', `/articles/${slug}/comments`, { token, body: { comment: { body } } })

  test('commenting answers 201, and the list shows it newest first', async () => {
    const first = await say('Lovely')
    expect(first).toMatchObject({
      status: 201,
      body: {
        comment: { id: expect.any(Number), body: 'Lovely', author: { username: 'bela', following: false } },
      },
    })
    const second = await say('Indeed', ada)
    const list = await conduit.api('GET', `/articles/${slug}/comments`, { token: ada })
    expect(list.status).toBe(200)
    expect(list.body.comments.slice(0, 2).map((comment: { id: number }) => comment.id)).toEqual([
      second.body.comment.id,
      first.body.comment.id,
    ])
    expect((await conduit.api('GET', `/articles/${slug}/comments`)).body.comments).toHaveLength(2)
  })

  test('a blank comment, an unknown article, no token', async () => {
    expect(await say(' ')).toEqual(invalid({ body: ["can't be blank"] }))
    expect(await say(null)).toEqual(invalid({ body: ["can't be blank"] }))
    const body = { comment: { body: 'x' } }
    expect(await conduit.api('POST', '/articles/no-such-article/comments', { token: ada, body })).toEqual(
      noArticle,
    )
    expect(await conduit.api('POST', `/articles/${slug}/comments`, { body })).toEqual(unauthorized)
    expect(await conduit.api('GET', '/articles/no-such-article/comments')).toEqual(noArticle)
  })

  test('only its author deletes a comment', async () => {
    const { id } = (await say('Mine')).body.comment
    const at = `/articles/${slug}/comments/${id}`
    const noComment = { status: 404, body: { errors: { comment: ['not found'] } } }
    expect(await conduit.api('DELETE', at)).toEqual(unauthorized)
    expect(await conduit.api('DELETE', at, { token: ada })).toEqual({
      status: 403,
      body: { errors: { comment: ['forbidden'] } },
    })
    expect(await conduit.api('DELETE', `/articles/no-such-article/comments/${id}`, { token: bela })).toEqual(
      noArticle,
    )
    const elsewhere = await write('Elsewhere')
    expect(await conduit.api('DELETE', `/articles/${elsewhere}/comments/${id}`, { token: bela })).toEqual(
      noComment,
    )
    expect(await conduit.api('DELETE', at, { token: bela })).toEqual({ status: 204, body: undefined })
    expect(await conduit.api('DELETE', at, { token: bela })).toEqual(noComment)
    expect(await conduit.api('DELETE', `/articles/${slug}/comments/none`, { token: bela })).toEqual(noComment)
  })
})

test('an unknown path under /api answers in the envelope', async () => {
  const answer = await conduit.inject({
    method: 'GET',
    url: '/api/nothing',
    headers: { accept: 'application/json' },
  })
  expect(answer.statusCode).toBe(404)
})

test('whoever is not signed in is told so before their input is looked at', async () => {
  for (const [method, path] of [
    ['PUT', '/user'],
    ['POST', '/articles'],
    ['PUT', `/articles/${slug}`],
    ['POST', `/articles/${slug}/comments`],
  ] as const) {
    expect(await conduit.api(method, path, { body: { nonsense: true } })).toMatchObject(unauthorized)
  }
})

/** What the document allows everywhere but these operations have no way to answer. */
const impossible = new Set([
  'GET /user 422',
  'GET /tags 422',
  'GET /profiles/{username} 401',
  'GET /profiles/{username} 422',
  'DELETE /profiles/{username}/follow 422',
  'GET /articles 401',
  'GET /articles/{slug} 422',
  'DELETE /articles/{slug} 422',
  'POST /articles 409',
  'GET /articles/{slug}/comments 401',
  'GET /articles/{slug}/comments 422',
  'DELETE /articles/{slug}/comments/{id} 422',
  'POST /articles/{slug}/favorite 422',
  'DELETE /articles/{slug}/favorite 422',
])

test('every documented status was answered above, and matched its schema', () => {
  expect(
    documented.filter(operation => !impossible.has(operation) && !conduit.answered.has(operation)),
  ).toEqual([])
})
