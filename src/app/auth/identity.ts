import { systemClock } from '../../core/index.ts'
import type { Recorder } from '../../reads/index.ts'
import type { User } from '../register.ts'
import type { SignedIn } from './actions.ts'
import type { AuthEngine } from './engine.ts'

/** Who a request comes from: looked up once, when somebody asks. */
export interface Identity {
  user(): Promise<User | null>
  signedIn(): Promise<SignedIn | null>
  /** From now on the request comes from somebody else. */
  become(signedIn: SignedIn | null): void
}

/** The cookie that carries a session; its value is signed with the app's secret. */
export const sessionCookie = 'session'

/**
 * Reads the session's token from `Authorization` (where that is looked at) or from the cookie, then its row and its
 * user's. All of it is recorded: the parts of the request, the rows, and that the response ends with the session.
 */
export function createIdentity(options: {
  engine: AuthEngine | undefined
  recorder: Recorder
  readCookie: (name: string) => string | undefined
  readAuthorization: (() => string | undefined) | undefined
}): Identity {
  const { engine, recorder } = options
  let found: Promise<SignedIn | null> | undefined

  async function find(): Promise<SignedIn | null> {
    if (!engine) return null
    const token = tokenOf(engine)
    const signedIn = token === undefined ? null : await engine.findSession(token)
    if (!signedIn) return null
    const endsAt = signedIn.expiresAt.getTime()
    if (endsAt <= systemClock.now()) return null
    recorder.endsAt(endsAt)
    return signedIn
  }

  function tokenOf(from: AuthEngine): string | undefined {
    const authorization = options.readAuthorization?.()
    if (authorization !== undefined) {
      const space = authorization.indexOf(' ')
      const scheme = authorization.slice(0, space).toLowerCase()
      const token = authorization.slice(space + 1).trim()
      return from.schemes.includes(scheme) && token !== '' ? token : undefined
    }
    const cookie = options.readCookie(sessionCookie)
    return cookie === undefined ? undefined : from.openCookie(cookie)
  }

  const signedIn = (): Promise<SignedIn | null> => {
    found ??= find()
    return found
  }
  return {
    signedIn,
    user: async () => (await signedIn())?.user ?? null,
    become(someone) {
      found = Promise.resolve(someone)
    },
  }
}
