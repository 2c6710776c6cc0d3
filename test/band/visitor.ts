import { expect } from 'vitest'
import { seedPassword } from '../../examples/conduit/seed/seed.ts'
import type { TestBand, Visit, VisitOptions } from './band.ts'

/** What a browser sends when a form of the site itself is submitted. */
export function form(fields: Record<string, string>, cookie = ''): VisitOptions {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...(cookie ? { cookie } : {}),
    },
    body: new URLSearchParams(fields).toString(),
  }
}

/** The cookies a browser would send after this answer. */
export function cookiesOf(visit: Visit): string {
  return (visit.headers['set-cookie'] ?? []).map(each => each.split(';')[0]).join('; ')
}

/** Signs one of Conduit's seeded people in; returns their cookies. */
export async function signIn(conduit: TestBand, email: string): Promise<string> {
  const visit = await conduit.visit('/login', form({ email, password: seedPassword }))
  if (visit.status !== 303) throw new Error(`${email} could not sign in: ${visit.status}\n${visit.body}`)
  return cookiesOf(visit)
}

/** Somebody comments twenty times, reads the page after each, and must find each comment there; their cookies are a browser's. */
export async function commentsAreSeenAtOnce(conduit: TestBand): Promise<void> {
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
}
