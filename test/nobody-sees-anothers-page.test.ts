import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestBand, testBand } from './band/band.ts'
import { commentsAreSeenAtOnce, form, signIn } from './band/visitor.ts'

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

it('shows a writer their own comment in the very next answer', () => commentsAreSeenAtOnce(conduit))
