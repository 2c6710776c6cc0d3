import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestBand, testBand } from './band/band.ts'
import { cookiesOf, form, signIn } from './band/visitor.ts'

let conduit: TestBand

beforeAll(async () => {
  conduit = await testBand('examples/conduit')
}, 120_000)
afterAll(() => conduit?.stop())

it('shows each visitor their own pages, from the cache, and none to who has logged out', async () => {
  const users = await conduit.sql<{ username: string; email: string }>(
    'select username, email from users order by id limit 2',
  )
  const [ada, bob] = users as [{ username: string; email: string }, { username: string; email: string }]
  const adaCookie = await signIn(conduit, ada.email)
  const bobCookie = await signIn(conduit, bob.email)

  const anonymous = await conduit.warm('/')
  expect(anonymous.body).toContain('Sign in')
  for (const [user, cookie, other] of [
    [ada, adaCookie, bob],
    [bob, bobCookie, ada],
  ] as const) {
    const home = await conduit.warm('/', { headers: { cookie } })
    expect(home.body).toContain(`/profile/${encodeURIComponent(user.username)}`)
    expect(home.body).toContain('New Article')
    expect(home.headers['cache-control']).toContain('private')
    const settings = await conduit.visit('/settings', { headers: { cookie } })
    expect(settings.body).toContain(user.email)
    expect(settings.body).not.toContain(other.email)
  }
  expect((await conduit.visit('/')).body).toBe(anonymous.body)

  const logout = await conduit.visit('/settings?action=logout', form({}, adaCookie))
  expect(logout.status).toBe(303)
  // The old cookie is still sent; its session is gone, and with it every page made for it.
  const after = await conduit.visit('/', { headers: { cookie: adaCookie } })
  expect(after.body).not.toContain('New Article')
  expect((await conduit.warm('/', { headers: { cookie: bobCookie } })).body).toContain('New Article')
})

it('shows a writer their own comment in the very next answer', async () => {
  const [user] = await conduit.sql<{ email: string }>('select email from users order by id offset 5 limit 1')
  const [article] = await conduit.sql<{ slug: string }>('select slug from articles order by id limit 1')
  let cookie = await signIn(conduit, user?.email ?? '')
  const page = `/article/${article?.slug}`
  await conduit.warm(page, { headers: { cookie } })
  for (let i = 0; i < 20; i++) {
    const posted = await conduit.visit(
      `${page}?action=comment`,
      form({ body: `Remark number ${i}!` }, cookie),
    )
    expect(posted.status).toBe(303)
    const position = cookiesOf(posted)
    expect(position).toContain('quintet-position=')
    cookie = `${cookie.replace(/; quintet-position=[^;]*/, '')}; ${position}`
    expect((await conduit.visit(page, { headers: { cookie } })).body).toContain(`Remark number ${i}!`)
  }
})
