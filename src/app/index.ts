export type { KeepOptions, LockOptions, ObjectCache, ObjectCacheEngine } from '../cache/index.ts'
export { type Action, type ActionContext, action } from './action.ts'
export {
  type App,
  defineApp,
  defineModule,
  type ErrorBody,
  type ErrorPageProps,
  type ErrorPages,
  type Module,
} from './app.ts'
export { asset } from './assets.ts'
export type { AuthActions, SignedIn, SignUp } from './auth/actions.ts'
export { type Auth, defineAuth } from './auth/define.ts'
export { hashPassword } from './auth/hashPassword.ts'
export { authTables, type UsersTable, userColumns } from './auth/tables.ts'
export { type CachedContext, type CachedOptions, cached } from './cached.ts'
export { installRecordedClock } from './clock.ts'
export type {
  ActingContext,
  CookieOptions,
  CookieReader,
  CookieWriter,
  HeaderReader,
  Log,
  NowOptions,
  QueryReader,
  RequestContext,
} from './context.ts'
export { defineLayout, type Head, type Layout, type LayoutProps } from './layout.ts'
export { log } from './log.ts'
export { now } from './now.ts'
export { cache } from './objects.ts'
export {
  type FieldErrors,
  forbidden,
  HttpError,
  type HttpErrorOptions,
  invalid,
  notFound,
  Redirect,
  redirect,
} from './outcome.ts'
export { type Page, type PageDefinition, page, type ViewProps } from './page.ts'
export type { PathParams } from './path.ts'
export type { CachedDb, Db, Models, NewUser, Register, User } from './register.ts'
export {
  type Method,
  Reply,
  type Route,
  type RouteContext,
  type RouteDefinition,
  reply,
  route,
} from './route.ts'
export { type AppDatabase, type AppServerOptions, createAppServer } from './server.ts'
