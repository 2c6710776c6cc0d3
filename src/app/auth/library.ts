import { parseDuration } from '../../core/index.ts'
import { HttpError } from '../outcome.ts'
import type { Db } from '../register.ts'
import type { Auth } from './define.ts'
import type { additionalFields } from './fields.ts'

export interface LibraryOptions {
  db: Db
  secret: string
  baseUrl: string
  fields: ReturnType<typeof additionalFields>['fields']
}

/** What is used of better-auth. */
export interface Library {
  signUpEmail(call: { body: SignUpBody; headers: Headers }): Promise<{ token: string | null }>
  signInEmail(call: {
    body: { email: string; password: string }
    headers: Headers
  }): Promise<{ token: string | null }>
  readonly password: {
    hash(password: string): Promise<string>
    verify(given: { hash: string; password: string }): Promise<boolean>
    readonly config: { readonly maxPasswordLength: number }
  }
  endSession(token: string): Promise<void>
  /** The code of a refusal that is about what somebody sent; undefined for any other error. */
  refusalCode(error: unknown): string | undefined
}

/** The table's own columns come beside these. */
export interface SignUpBody {
  name: string
  email: string
  password: string
}

/**
 * better-auth, configured for this framework. It is loaded only when somebody signs up, in or out (a second of a cold
 * start): whose session a request has is read without it.
 */
export async function loadLibrary(
  auth: Auth,
  { db, secret, baseUrl, fields }: LibraryOptions,
): Promise<Library> {
  const [{ betterAuth }, { drizzleAdapter }, { APIError }] = await Promise.all([
    import('better-auth'),
    import('better-auth/adapters/drizzle'),
    import('better-auth/api'),
  ])
  const { users, sessions, accounts, verifications } = auth.tables
  const library = betterAuth({
    database: drizzleAdapter(db, {
      provider: 'pg',
      schema: { user: users, session: sessions, account: accounts, verification: verifications },
      transaction: true,
    }),
    secret,
    baseURL: baseUrl,
    emailAndPassword: { enabled: true, minPasswordLength: auth.minPasswordLength },
    user: { fields: { name: auth.nameColumn }, additionalFields: fields },
    session: {
      expiresIn: Math.floor(parseDuration(auth.sessionLasts) / 1000),
      // A read never writes, and a log-out takes effect at once.
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
    },
    // Cross-site requests are refused before any handler, and its HTTP handler is not mounted.
    advanced: { database: { generateId: 'uuid' }, disableCSRFCheck: true, disableOriginCheck: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
  })
  const { password, internalAdapter } = await library.$context
  return {
    signUpEmail: call => library.api.signUpEmail(call as Parameters<typeof library.api.signUpEmail>[0]),
    signInEmail: call => library.api.signInEmail(call),
    password,
    endSession: token => internalAdapter.deleteSession(token),
    refusalCode(error) {
      if (!(error instanceof APIError) || error.statusCode >= 500) return undefined
      return (error.body as { code?: string } | undefined)?.code ?? 'REFUSED'
    },
  }
}

export const tooShort = (least: number): HttpError =>
  passwordError(`is too short (minimum is ${least} characters)`)
export const tooLong = (most: number): HttpError =>
  passwordError(`is too long (maximum is ${most} characters)`)

function passwordError(message: string): HttpError {
  return new HttpError(422, { errors: { password: [message] } })
}
