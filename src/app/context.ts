import type { Logger } from 'pino'
import type { AuthActions } from './auth/actions.ts'
import type { Db, User } from './register.ts'

/** A logger: `log.info({ articleId }, 'published')`. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error'>

/**
 * What a load, a layout or a handler may look at. Looking is what counts: each accessor notes its part of the
 * request when it is called, and the page is cached once per combination of the parts that were looked at.
 * All functions may be taken apart: `({ params, query, user }) => …`.
 */
export interface RequestContext<Params = Readonly<Record<string, string>>> {
  readonly params: Params
  /** The path without the query, decoded parts excepted: as the client sent it. */
  readonly path: string
  readonly method: string
  /** Different each time, so a page that shows it is not cached. Log lines carry it by themselves. */
  readonly requestId: () => string
  readonly query: QueryReader
  readonly cookies: CookieReader
  readonly headers: HeaderReader
  /** The app's database; every query through it is part of what the response read. */
  readonly db: Db
  readonly log: Log
  /** Whoever is signed in, looked up once per request; null if nobody is, or no `auth` is configured. */
  readonly user: () => Promise<User | null>
  /** The user, or throws: a redirect to `redirectTo` if given, else a 401 with `errors: { token: ['is missing'] }`. */
  readonly requireUser: (options?: { redirectTo?: string }) => Promise<User>
  readonly now: (options?: NowOptions) => Date
  /** The client's address as the edge saw it. */
  readonly address: () => string
  /** `https://example.org`, the origin the client addressed. */
  readonly origin: () => string
}

/** What actions and routes may do beyond looking. */
export interface ActingContext<Params = Readonly<Record<string, string>>> extends RequestContext<Params> {
  readonly cookies: CookieReader & CookieWriter
  /** Signs people up, in and out. Throws APP_NO_AUTH where the app has no `auth`. */
  readonly auth: AuthActions
}

export interface QueryReader {
  /** The first value, or undefined. */
  readonly get: (name: string) => string | undefined
  readonly all: (name: string) => readonly string[]
  /** Every pair in order; looks at the whole query string. */
  readonly entries: () => readonly (readonly [string, string])[]
}

export interface HeaderReader {
  readonly get: (name: string) => string | undefined
}

export interface CookieReader {
  readonly get: (name: string) => string | undefined
}

export interface CookieOptions {
  /** Seconds; without it the cookie lasts as long as the browser. */
  maxAge?: number
  path?: string
  httpOnly?: boolean
  sameSite?: 'lax' | 'strict' | 'none'
}

export interface CookieWriter {
  /** HttpOnly, SameSite=Lax, Path=/ and, over HTTPS, Secure unless told otherwise. */
  readonly set: (name: string, value: string, options?: CookieOptions) => void
  readonly delete: (name: string) => void
}

export interface NowOptions {
  /**
   * Rounds down to this period (`'1m'`, `'1h'`) of Unix time, and lets the page be cached until the next one begins.
   * Without it a page that asks for the time is not cached (unless it has a `maxAge`).
   */
  every?: string | number
}
