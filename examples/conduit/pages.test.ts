import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Conduit, startConduit } from './test/conduit.ts'

let conduit: Conduit
type Browser = ReturnType<Conduit['browser']>

beforeAll(async () => {
  conduit = await startConduit()
})
afterAll(() => conduit?.close())

async function signedUp(username: string): Promise<Browser> {
  const browser = conduit.browser()
  const answer = await browser.post('/register', {
    username,
    email: `${username}@example.org`,
    password: 'long-enough',
  })
  expect(answer).toMatchObject({ status: 303, location: '/' })
  return browser
}

const draft = (title: string, tagList = 'tea, cups') => ({
  title,
  description: `About ${title}`,
  body: `# Hello\n\nIt is *${title}*.`,
  tagList,
})

async function published(browser: Browser, title: string, tagList?: string): Promise<string> {
  const answer = await browser.post('/editor', draft(title, tagList))
  expect(answer.status).toBe(303)
  return answer.location as string
}

/** The page's main part without the layout. */
const main = (html: string) => html.slice(html.indexOf('<main'), html.indexOf('</main>'))
const classes = (html: string) =>
  new Set([...html.matchAll(/class="([^"]*)"/g)].flatMap(match => (match[1] ?? '').split(' ')))

describe('for visitors', () => {
  beforeAll(async () => {
    const writer = await signedUp('writer')
    for (let number = 1; number <= 12; number++)
      await published(writer, `Piece ${number}`, number === 1 ? 'rare' : 'tea, cups')
  })

  test('home', async () => {
    const { status, html } = await conduit.browser().get('/')
    expect(status).toBe(200)
    for (const name of [
      'navbar',
      'navbar-brand',
      'nav-link',
      'banner',
      'container',
      'feed-toggle',
      'article-preview',
      'preview-link',
      'article-meta',
      'author',
      'sidebar',
      'tag-list',
      'tag-default',
      'tag-pill',
      'pagination',
      'page-item',
      'btn-outline-primary',
    ]) {
      expect(classes(html), name).toContain(name)
    }
    expect(html.match(/class="article-preview"/g)).toHaveLength(10)
    expect(html).toContain('<h1>Piece 12</h1>')
    expect(html).toMatch(/<li class="page-item active"><a class="page-link" href="\/\?page=1"/)
    for (const text of ['Home', 'Sign in', 'Sign up', 'Global Feed', 'Popular Tags'])
      expect(html).toContain(text)
    for (const text of ['Your Feed', 'New Article', 'Settings']) expect(html).not.toContain(text)
    expect(html).toMatch(/src="\/assets\/default-avatar\.[^"]*svg"/)
  })

  test('the second page, and one that is no number', async () => {
    const second = await conduit.browser().get('/?page=2')
    expect(second.html.match(/class="article-preview"/g)).toHaveLength(2)
    expect(second.html).toMatch(/page-item active"><a class="page-link" href="\/\?page=2"/)
    expect((await conduit.browser().get('/?page=x')).html).toContain('<h1>Piece 12</h1>')
    expect(main((await conduit.browser().get('/?page=99')).html)).toContain('empty-feed-message')
  })

  test('a tag', async () => {
    const { html } = await conduit.browser().get('/tag/rare')
    expect(html.match(/class="article-preview"/g)).toHaveLength(1)
    expect(html).toContain('<h1>Piece 1</h1>')
    expect(main((await conduit.browser().get('/tag/never')).html)).toContain('empty-feed-message')
    expect(
      (await conduit.browser().get('/tag/tea?page=2')).html.match(/class="article-preview"/g),
    ).toHaveLength(1)
  })

  test('an article', async () => {
    const { status, html } = await conduit.browser().get('/article/piece-1')
    expect(status).toBe(200)
    expect(html).toContain('<h1>Piece 1</h1>')
    expect(html).toContain('<p>It is <em>Piece 1</em>.</p>')
    for (const name of ['article-page', 'article-content', 'article-meta', 'author'])
      expect(classes(html)).toContain(name)
    expect(html).toContain('Follow<!-- --> writer'.replace('<!-- -->', ''))
    expect(html).toContain('Favorite Article')
    expect(html).not.toContain('Write a comment...')
    expect(html).not.toContain('Delete Article')
  })

  test('a profile and its favourites', async () => {
    const profile = await conduit.browser().get('/profile/writer')
    for (const name of ['profile-page', 'user-info', 'user-img', 'articles-toggle'])
      expect(classes(profile.html)).toContain(name)
    expect(profile.html).toContain('<h4>writer</h4>')
    expect(profile.html.match(/class="article-preview"/g)).toHaveLength(10)
    const favorites = await conduit.browser().get('/profile/writer/favorites')
    expect(main(favorites.html)).toContain('empty-feed-message')
  })

  test.each(['/article/none', '/profile/none', '/profile/none/favorites', '/none'])(
    '%s is a 404 in the same look',
    async url => {
      const { status, html } = await conduit.browser().get(url)
      expect(status).toBe(404)
      expect(html).toContain('class="navbar-brand"')
      expect(classes(html)).toContain('error-page')
    },
  )

  test.each(['/settings', '/editor', '/editor/piece-1', '/?feed=following'])(
    '%s asks to sign in',
    async url => {
      expect(await conduit.browser().get(url)).toMatchObject({ status: 303, location: '/login' })
    },
  )

  test.each(['comment', 'favorite', 'unfavorite', 'delete'])('the action %s asks to sign in', async name => {
    const answer = await conduit.browser().post(`/article/piece-1?action=${name}`, { body: 'x' })
    expect(answer).toMatchObject({ status: 303, location: '/login' })
  })

  test('following asks to sign in', async () => {
    expect(await conduit.browser().post('/profile/writer?action=follow')).toMatchObject({
      status: 303,
      location: '/login',
    })
  })

  test('the forms', async () => {
    const login = (await conduit.browser().get('/login')).html
    expect(login).toContain('<h1>Sign in</h1>')
    for (const name of ['email', 'password']) expect(login).toContain(`name="${name}"`)
    const register = (await conduit.browser().get('/register')).html
    expect(register).toContain('<h1>Sign up</h1>')
    for (const name of ['username', 'email', 'password']) expect(register).toContain(`name="${name}"`)
  })

  test('a refused form keeps what was typed, except the password', async () => {
    const { status, html } = await conduit
      .browser()
      .post('/register', { username: 'writer', email: 'new@example.org', password: 'long-enough' })
    expect([409, 422]).toContain(status)
    expect(html).toContain('class="error-messages"')
    expect(html).toContain('username has already been taken')
    expect(html).toContain('value="new@example.org"')
    expect(html).not.toContain('long-enough')
  })

  test('a wrong password', async () => {
    const { status, html } = await conduit
      .browser()
      .post('/login', { email: 'writer@example.org', password: 'wrong-one' })
    expect(status).toBe(422)
    expect(html).toContain('email or password is invalid')
    expect(html).toContain('value="writer@example.org"')
  })
})

describe('for members', () => {
  test('sign up, log out, sign in', async () => {
    const browser = await signedUp('member')
    const home = (await browser.get('/')).html
    for (const text of ['New Article', 'Settings', 'href="/profile/member"', 'Your Feed'])
      expect(home).toContain(text)
    for (const text of ['Sign up', 'class="banner"']) expect(home).not.toContain(text)
    expect(await browser.get('/login')).toMatchObject({ status: 303, location: '/' })
    expect(await browser.post('/settings?action=logout')).toMatchObject({ status: 303, location: '/' })
    expect((await browser.get('/')).html).toContain('Sign up')
    expect(
      await browser.post('/login', { email: 'member@example.org', password: 'long-enough' }),
    ).toMatchObject({ status: 303, location: '/' })
    expect((await browser.get('/')).html).toContain('href="/profile/member"')
  })

  test('write, edit, delete', async () => {
    const browser = await signedUp('author')
    const editor = (await browser.get('/editor')).html
    for (const name of ['title', 'description', 'body', 'tagList']) expect(editor).toContain(`name="${name}"`)
    expect(editor).toContain('placeholder="Enter tags"')
    expect(editor).toContain('Publish Article')

    const refused = await browser.post('/editor', { ...draft('Kept'), title: '' })
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('title can&#39;t be blank'.replace('&#39;', "'"))
    expect(refused.html).toContain('value="About Kept"')
    expect(refused.html).toContain('value="tea, cups"')

    const address = await published(browser, 'First', 'b, a, b')
    expect(address).toBe('/article/first')
    const shown = (await browser.get(address)).html
    expect(shown).toContain('Edit Article')
    expect(shown).toContain('Delete Article')
    expect(main(shown)).not.toContain('Follow author')
    expect(shown.indexOf('/tag/b')).toBeLessThan(shown.indexOf('/tag/a"'))

    expect((await browser.get('/editor/first')).html).toContain('value="b, a"')
    expect(await browser.post('/editor/first', draft('Second', ''))).toMatchObject({
      status: 303,
      location: '/article/second',
    })
    expect((await browser.get('/article/first')).status).toBe(404)
    expect((await browser.get('/article/second')).html).not.toContain('tag-default')

    const other = await signedUp('other')
    expect((await other.get('/editor/second')).status).toBe(403)
    expect((await other.post('/editor/second', draft('Stolen'))).status).toBe(403)
    expect((await other.post('/article/second?action=delete')).status).toBe(403)
    expect(await browser.post('/article/second?action=delete')).toMatchObject({ status: 303, location: '/' })
    expect((await browser.get('/article/second')).status).toBe(404)
  })

  test('comment and take it back', async () => {
    const [writer, reader] = [await signedUp('host'), await signedUp('guest')]
    const address = await published(writer, 'Discussed')
    expect(main((await reader.get(address)).html)).toContain('placeholder="Write a comment..."')
    expect(await reader.post(`${address}?action=comment`, { body: 'Hear <b>hear</b>' })).toMatchObject({
      status: 303,
      location: address,
    })
    const seen = (await reader.get(address)).html
    expect(seen).toContain('Hear &lt;b>hear&lt;/b>')
    for (const name of [
      'card',
      'card-block',
      'comment-form',
      'comment-author-img',
      'mod-options',
      'ion-trash-a',
    ])
      expect(classes(seen)).toContain(name)
    expect(seen).toContain('1 comment')
    const id = /name="id" value="(\d+)"/.exec(seen)?.[1] as string
    expect(classes((await writer.get(address)).html)).not.toContain('mod-options')
    expect((await writer.post(`${address}?action=deleteComment`, { id })).status).toBe(403)
    const empty = await reader.post(`${address}?action=comment`, { body: ' ' })
    expect(empty.status).toBe(422)
    expect(empty.html).toContain("body can't be blank")
    expect(await reader.post(`${address}?action=deleteComment`, { id })).toMatchObject({
      status: 303,
      location: address,
    })
    expect((await reader.get(address)).html).toContain('0 comments')
  })

  test('favourite and follow go back to where they were pressed', async () => {
    const [writer, reader] = [await signedUp('famous'), await signedUp('fan')]
    const address = await published(writer, 'Admired')
    expect(await reader.post(`${address}?action=favorite`, { back: '/?page=1' })).toMatchObject({
      status: 303,
      location: '/?page=1',
    })
    expect((await reader.get(address)).html).toMatch(
      /class="btn btn-sm btn-primary"[^>]*>.*?Unfavorite Article/,
    )
    expect((await reader.get('/profile/fan/favorites')).html).toContain('<h1>Admired</h1>')
    expect(await reader.post(`${address}?action=unfavorite`, { back: 'https://evil.example' })).toMatchObject(
      { status: 303, location: address },
    )
    expect(await reader.post('/profile/famous?action=follow', { back: '//evil.example' })).toMatchObject({
      status: 303,
      location: '/profile/famous',
    })
    expect((await reader.get('/profile/famous')).html).toContain('Unfollow famous')
    expect((await reader.get('/?feed=following')).html).toContain('<h1>Admired</h1>')
    await reader.post('/profile/famous?action=unfollow')
    expect((await reader.get('/profile/famous')).html).toContain('Follow famous')
    expect(main((await reader.get('/?feed=following')).html)).toContain('empty-feed-message')
  })

  test('settings', async () => {
    const browser = await signedUp('changing')
    const form = (await browser.get('/settings')).html
    for (const name of ['image', 'username', 'bio', 'email', 'password'])
      expect(form).toContain(`name="${name}"`)
    expect(form).toContain('Update Settings')
    expect(form).toContain('Or click here to logout')
    const values = {
      image: 'https://example.org/me.png',
      username: 'changed',
      bio: 'New here',
      email: 'changed@example.org',
      password: '',
    }
    expect(await browser.post('/settings', values)).toMatchObject({
      status: 303,
      location: '/profile/changed',
    })
    const profile = (await browser.get('/profile/changed')).html
    expect(profile).toContain('New here')
    expect(profile).toContain('src="https://example.org/me.png"')
    expect(profile).toContain('Edit Profile Settings')
    const taken = await browser.post('/settings', { ...values, username: 'member' })
    expect([409, 422]).toContain(taken.status)
    expect(taken.html).toContain('username has already been taken')
    expect(await browser.post('/settings', { ...values, password: 'brand-new-one' })).toMatchObject({
      status: 303,
    })
    const again = conduit.browser()
    expect(
      (await again.post('/login', { email: 'changed@example.org', password: 'brand-new-one' })).status,
    ).toBe(303)
  })
})

test('Markdown is shown, HTML is not run', async () => {
  const browser = await signedUp('sneaky')
  const body = '<script>alert(1)</script>\n\n[bad](javascript:alert(1)) [good](https://example.org)'
  const answer = await browser.post('/editor', { ...draft('Sneaky'), body })
  const content = main((await browser.get(answer.location as string)).html)
  expect(content).not.toContain('<script>')
  expect(content).not.toContain('href="javascript:')
  expect(content).toContain('<a href="https://example.org" rel="nofollow ugc noopener">good</a>')
})

test('a seeded user’s picture is made of the name', async () => {
  const one = await conduit.inject({ method: 'GET', url: '/avatars/ada-berg.svg' })
  expect(one.headers['content-type']).toMatch(/^image\/svg\+xml/)
  expect(one.body).toMatch(/^<svg/)
  expect((await conduit.inject({ method: 'GET', url: '/avatars/ada-berg.svg' })).body).toBe(one.body)
  expect((await conduit.inject({ method: 'GET', url: '/avatars/bela-moss.svg' })).body).not.toBe(one.body)
  expect((await conduit.inject({ method: 'GET', url: '/avatars/%22%3E.svg' })).statusCode).toBe(404)
})
