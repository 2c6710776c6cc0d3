import type { ComponentChildren } from 'preact'
import type { Auth } from './auth/define.ts'
import type { Layout } from './layout.ts'
import type { HttpError } from './outcome.ts'
import type { Page } from './page.ts'
import type { Db } from './register.ts'
import type { Route } from './route.ts'

/** Makes the JSON body of an error; replaces the default, RFC 9457 problem details. */
export type ErrorBody = (error: HttpError) => unknown

/** A part of the app with its own pages and routes; made by {@link defineModule}. */
export interface Module {
  readonly name: string
  readonly pages: readonly Page[]
  readonly routes: readonly Route[]
  /** Instead of the app's layout for this module's pages. */
  readonly layout?: Layout | null | undefined
  /** Instead of the app's, for this module's routes. */
  readonly errorBody?: ErrorBody | undefined
}

/** Names a part of the app. */
export function defineModule(definition: {
  name: string
  pages?: readonly Page[] | Readonly<Record<string, Page>>
  routes?: readonly Route[] | Readonly<Record<string, Route>>
  layout?: Layout | null
  errorBody?: ErrorBody
}): Module {
  return {
    name: definition.name,
    pages: Object.values(definition.pages ?? []),
    routes: Object.values(definition.routes ?? []),
    layout: definition.layout,
    errorBody: definition.errorBody,
  }
}

export interface ErrorPageProps {
  readonly status: number
  /** `Not found`. */
  readonly title: string
  readonly path: string
  /** For finding the error in the logs; empty below 500, since such pages are cached and the same for many requests. */
  readonly requestId: string
}

/** Replacements of the built-in error pages: whole documents, or bodies where `layout` applies. */
export interface ErrorPages {
  /** The page for 404. */
  notFound?: (props: ErrorPageProps) => ComponentChildren
  /** The page for every other error. */
  error?: (props: ErrorPageProps) => ComponentChildren
}

/** Fills an empty database; run by `quintet up` in development, in one transaction. */
export type Seed = (db: Db) => Promise<void>

/** The whole app; made by {@link defineApp} and exported by default from the app's entry. */
export interface App {
  readonly kind: 'app'
  readonly modules: readonly Module[]
  /** Drizzle tables and relations by name. */
  readonly models: Readonly<Record<string, unknown>>
  readonly auth: Auth | undefined
  readonly layout: Layout | undefined
  readonly errorPages: ErrorPages
  /** Relative to the settings' root; `./assets` by default. */
  readonly assets: string
  readonly errorBody: ErrorBody | undefined
  readonly seed: Seed | undefined
}

/** Wires modules, models, auth and layout into one app: `export default defineApp({ … })`. */
export function defineApp(definition: {
  modules: readonly Module[]
  models?: Readonly<Record<string, unknown>>
  auth?: Auth
  layout?: Layout
  errorPages?: ErrorPages
  assets?: string
  errorBody?: ErrorBody
  seed?: Seed
}): App {
  return {
    kind: 'app',
    modules: definition.modules,
    models: definition.models ?? {},
    auth: definition.auth,
    layout: definition.layout,
    errorPages: definition.errorPages ?? {},
    assets: definition.assets ?? './assets',
    errorBody: definition.errorBody,
    seed: definition.seed,
  }
}
