import type { FastifyRequest } from 'fastify'
import { systemClock } from '../../core/index.ts'
import type { CookieReader, CookieWriter } from '../context.ts'
import { errors } from '../errors.ts'
import { outsideRendering } from '../rendering.ts'
import type { AuthActions, SignedIn } from './actions.ts'
import type { AuthEngine } from './engine.ts'
import { type Identity, sessionCookie } from './identity.ts'

/** Signing in and out for one request; where `setsCookie`, the session travels in a cookie from then on. */
export function bindAuth(options: {
  engine: AuthEngine | undefined
  identity: Identity
  request: FastifyRequest
  cookies: CookieReader & CookieWriter
  setsCookie: boolean
}): AuthActions {
  const { identity, request, cookies, setsCookie } = options
  const engineFor = (call: string): AuthEngine => {
    if (!options.engine) throw errors.APP_NO_AUTH({ call })
    return options.engine
  }

  /** The library's own clock readings and random tokens are none of the page's. */
  function welcome(engine: AuthEngine, signedIn: SignedIn): SignedIn {
    identity.become(signedIn)
    if (setsCookie) {
      const maxAge = Math.max(0, Math.floor((signedIn.expiresAt.getTime() - systemClock.now()) / 1000))
      cookies.set(sessionCookie, engine.sealCookie(signedIn.token), { maxAge })
    }
    return signedIn
  }

  return {
    async signUp(input) {
      const engine = engineFor('auth.signUp')
      return welcome(engine, await outsideRendering(() => engine.signUp(input, request)))
    },
    async signIn(input) {
      const engine = engineFor('auth.signIn')
      const signedIn = await outsideRendering(() => engine.signIn(input, request))
      return signedIn && welcome(engine, signedIn)
    },
    async signOut() {
      const engine = engineFor('auth.signOut')
      const signedIn = await identity.signedIn()
      if (signedIn) await outsideRendering(() => engine.endSession(signedIn.token))
      identity.become(null)
      if (setsCookie) cookies.delete(sessionCookie)
    },
    token: async () => (await identity.signedIn())?.token ?? null,
    checkPassword: (user, password) =>
      outsideRendering(() => engineFor('auth.checkPassword').checkPassword(user.id, password)),
    async setPassword(user, password) {
      const engine = engineFor('auth.setPassword')
      const current = (await identity.signedIn())?.token
      await outsideRendering(() => engine.setPassword(user.id, password, current))
    },
  }
}
