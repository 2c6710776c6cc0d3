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
