import { createHmac, timingSafeEqual } from 'node:crypto'
import { and, eq, ne, type SQL } from 'drizzle-orm'
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { errors } from '../errors.ts'
import { addressOf, headerOf } from '../exchange.ts'
import { HttpError } from '../outcome.ts'
import type { Db, User } from '../register.ts'
import type { SignedIn } from './actions.ts'
import type { Auth } from './define.ts'
import { createExpiry } from './expired.ts'
import { additionalFields } from './fields.ts'
import { type Library, loadLibrary, type SignUpBody, tooLong, tooShort } from './library.ts'
import { createThrottle } from './throttle.ts'

/** better-auth on the app's tables, in the few calls that contexts make. */
export interface AuthEngine {
  /** Lower-case schemes accepted in `Authorization`. */
  readonly schemes: readonly string[]
  /** The session and its user by token, expired or not. Two look-ups by key: exact reads. */
  findSession(token: string): Promise<SignedIn | null>
  signUp(input: Readonly<Record<string, unknown>>, request: FastifyRequest): Promise<SignedIn>
  signIn(input: { email: string; password: string }, request: FastifyRequest): Promise<SignedIn | null>
  endSession(token: string): Promise<void>
  checkPassword(userId: string, password: string): Promise<boolean>
  /** Ends all sessions but the one kept. */
  setPassword(userId: string, password: string, keep: string | undefined): Promise<void>
  /** Loads what the first sign-in would wait for. */
  warm(): Promise<unknown>
  sealCookie(token: string): string
  /** The token in a cookie that {@link sealCookie} made; undefined for anything else. */
  openCookie(value: string): string | undefined
}

export function createAuthEngine(
  auth: Auth,
  options: { db: Db; secret: string; baseUrl: string },
): AuthEngine {
  const { users, sessions, accounts } = auth.tables
  const { db, secret } = options
  const throttle = createThrottle()
  const removeExpired = createExpiry(auth.tables, db)
  const config = getTableConfig(users)
  const extra = additionalFields(users, auth.nameColumn)
  if (!extra.hasName) throw errors.APP_AUTH_COLUMN({ column: auth.nameColumn, table: config.name })

  let loading: Promise<Library> | undefined
  const library = (): Promise<Library> => {
    loading ??= loadLibrary(auth, { db, secret, baseUrl: options.baseUrl, fields: extra.fields })
    return loading
  }

  const engine: AuthEngine = {
    schemes: [...new Set(['bearer', auth.tokenScheme.toLowerCase()])],

    async findSession(token) {
      const [session] = await db.select().from(sessions).where(eq(sessions.token, token)).limit(1)
      if (!session) return null
      const [user] = await db
        .select()
        .from(users as PgTable)
        .where(eq(users.id, session.userId))
        .limit(1)
      return user ? { user: user as User, token, expiresAt: session.expiresAt } : null
    },

    async signUp(input, request) {
      if (!z.email().safeParse(input.email).success)
        throw new HttpError(422, { errors: { email: ['is invalid'] } })
      await refuseTaken(input)
      const body = { ...input, name: String(input[auth.nameColumn] ?? '') } as unknown as SignUpBody
      try {
        const { token } = await (await library()).signUpEmail({ body, headers: clientHeaders(request) })
        return await opened(token)
      } catch (error) {
        // Two people may choose the same name at the same moment: the unique index decides, and this says which.
        await refuseTaken(input)
        throw explained((await library()).refusalCode(error), auth.minPasswordLength) ?? error
      }
    },

    async signIn({ email, password }, request) {
      // Before the hash, which is meant to be slow.
      const giveBack = throttle.attempt(email, addressOf(request))
      let token: string | null
      try {
        const call = { body: { email, password }, headers: clientHeaders(request) }
        token = (await (await library()).signInEmail(call)).token
      } catch (error) {
        if ((await library()).refusalCode(error) !== undefined) return null
        giveBack()
        throw error
      }
      giveBack()
      return await opened(token)
    },

    async endSession(token) {
      await (await library()).endSession(token)
    },

    async checkPassword(userId, password) {
      const { password: hasher } = await library()
      const [account] = await db
        .select({ hash: accounts.password })
        .from(accounts)
        .where(credentialOf(userId))
        .limit(1)
      return account?.hash ? await hasher.verify({ hash: account.hash, password }) : false
    },

    async setPassword(userId, password, keep) {
      const { password: hasher } = await library()
      if (password.length < auth.minPasswordLength) throw tooShort(auth.minPasswordLength)
      if (password.length > hasher.config.maxPasswordLength) throw tooLong(hasher.config.maxPasswordLength)
      const hash = await hasher.hash(password)
      await db.transaction(async tx => {
        await tx.update(accounts).set({ password: hash, updatedAt: new Date() }).where(credentialOf(userId))
        const ofUser = eq(sessions.userId, userId)
        await tx.delete(sessions).where(keep === undefined ? ofUser : and(ofUser, ne(sessions.token, keep)))
      })
    },

    warm: library,
    sealCookie: token => `${token}.${signature(token)}`,
    openCookie(value) {
      const dot = value.lastIndexOf('.')
      const token = value.slice(0, dot)
      const given = Buffer.from(value.slice(dot + 1))
      const right = Buffer.from(signature(token))
      return dot > 0 && given.length === right.length && timingSafeEqual(given, right) ? token : undefined
    },
  }

  const signature = (token: string): string =>
    createHmac('sha256', secret).update(`session:${token}`).digest('base64url')

  const credentialOf = (userId: string): SQL | undefined =>
    and(eq(accounts.userId, userId), eq(accounts.providerId, 'credential'))

  async function opened(token: string | null): Promise<SignedIn> {
    const signedIn = token === null ? null : await engine.findSession(token)
    if (!signedIn) throw new HttpError(503, { message: 'The session could not be opened.' })
    // Whoever signs in doesn't care if it fails; the next one tries again.
    await removeExpired().catch(() => {})
    return signedIn
  }

  /** Throws 409 with every unique column whose value somebody has already. */
  async function refuseTaken(input: Readonly<Record<string, unknown>>): Promise<void> {
    const taken: Record<string, string[]> = {}
    for (const [name, column] of extra.unique) {
      const value = name === 'email' ? String(input.email ?? '').toLowerCase() : input[name]
      if (value !== undefined && value !== null && (await isTaken(column, value))) {
        taken[name] = ['has already been taken']
      }
    }
    if (Object.keys(taken).length > 0) throw new HttpError(409, { errors: taken })
  }

  async function isTaken(column: PgColumn, value: unknown): Promise<boolean> {
    const rows = await db
      .select({ id: users.id })
      .from(users as PgTable)
      .where(eq(column, value))
      .limit(1)
    return rows.length > 0
  }

  return engine
}

/** What a session remembers of its client. */
function clientHeaders(request: FastifyRequest): Headers {
  const headers = new Headers()
  for (const name of ['user-agent', 'x-forwarded-for']) {
    const value = headerOf(request, name)
    if (value !== undefined) headers.set(name, value)
  }
  return headers
}

/** The library's refusals in the app's terms; undefined for what is none. */
function explained(code: string | undefined, minPasswordLength: number): HttpError | undefined {
  if (code === 'PASSWORD_TOO_SHORT') return tooShort(minPasswordLength)
  if (code === 'PASSWORD_TOO_LONG') return tooLong(128)
  if (code === 'INVALID_PASSWORD') return new HttpError(422, { errors: { password: ["can't be blank"] } })
  return undefined
}
