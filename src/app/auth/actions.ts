import type { NewUser, User } from '../register.ts'

/** Somebody signed in: who, and the token for `Authorization` headers (pages carry it in a cookie already). */
export interface SignedIn {
  readonly user: User
  readonly token: string
  readonly expiresAt: Date
}

/** A new user: the users table's own columns, and the password. */
export type SignUp = NewUser & { password: string }

/** Signing in and out, in a page's action or a route. */
export interface AuthActions {
  /**
   * Makes a user and signs them in. Throws HttpError 409 with `errors` naming a taken unique column
   * (`{ email: ['has already been taken'] }`), and 422 for a password that is too short.
   */
  readonly signUp: (input: SignUp) => Promise<SignedIn>
  /**
   * Signs in, or returns null when the e-mail or the password is wrong (the two take the same time). Throws HttpError
   * 429 with `Retry-After` after too many wrong ones: ten for an account, then one a minute; fifty from an address,
   * then ten a minute. Each worker counts for itself.
   */
  readonly signIn: (input: { email: string; password: string }) => Promise<SignedIn | null>
  /** Ends the session that the request came with, and clears its cookie. */
  readonly signOut: () => Promise<void>
  /** The token of the session that the request came with; null if nobody is signed in. */
  readonly token: () => Promise<string | null>
  /** Whether this is the user's password. */
  readonly checkPassword: (user: { id: string }, password: string) => Promise<boolean>
  /** Sets a new password and ends the user's other sessions. Throws HttpError 422 if it is too short. */
  readonly setPassword: (user: { id: string }, password: string) => Promise<void>
}
