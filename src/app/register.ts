import type { Database } from '../data/index.ts'
import type { Auth } from './auth/define.ts'

/**
 * Where an app tells the framework its types, once, so that `db` and `user()` are typed in every module:
 *
 * ```ts
 * declare module 'quintet' {
 *   interface Register { models: typeof models; auth: typeof auth }
 * }
 * ```
 *
 * `models` is the namespace of the app's Drizzle tables, `auth` what {@link defineAuth} returned. (Not `typeof app`:
 * pages use these types, and the app is made of pages, which would go round in a circle.)
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging
export interface Register {}

/** The app's Drizzle tables and relations, as registered. */
export type Models = Register extends { models: infer M extends Record<string, unknown> }
  ? M
  : Record<string, never>

/** The app's database as Drizzle sees it: `db.select()…`, `db.query.articles.findMany()`, `db.transaction(…)`. */
export type Db = Database<Models>['db'] & {
  /**
   * Reads whose results requests share: kept in the worker, purged by the commit log, in nobody's way after a write.
   *
   * ```ts
   * const tags = await db.cached.select({ name: tags.name }).from(tags)
   * ```
   */
  readonly cached: CachedDb
}

/** What a Drizzle handle reads with. */
export type CachedDb = Pick<
  Database<Models>['db'],
  'select' | 'selectDistinct' | 'selectDistinctOn' | 'with' | 'query' | '$count' | 'execute'
>

/** A row of the app's users table. */
export type User = Register extends { auth: Auth<infer Row, unknown> }
  ? Row & { id: string }
  : { id: string; email: string }

/** What a new row of the users table takes, without what signing up fills in itself. */
export type NewUser = Register extends { auth: Auth<unknown, infer Insert> }
  ? Omit<Insert, 'id' | 'emailVerified' | 'createdAt' | 'updatedAt'>
  : { email: string }
