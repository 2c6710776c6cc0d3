import type { ComponentChildren } from 'preact'
import type { Action } from './action.ts'
import type { RequestContext } from './context.ts'
import type { Head, Layout } from './layout.ts'
import type { FieldErrors, Redirect } from './outcome.ts'
import type { PathParams } from './path.ts'

/** A page as the server holds it; made by {@link page}. */
export interface Page {
  readonly kind: 'page'
  readonly path: string
  readonly layout: Layout | null | undefined
  readonly load: (context: RequestContext) => Promise<unknown>
  readonly actions: Readonly<Record<string, Action>>
  readonly view: (props: Record<string, unknown>) => ComponentChildren
  readonly head: (data: Record<string, unknown>) => Head
  readonly status: (data: Record<string, unknown>) => number
  readonly maxAge: string | number | undefined
  readonly cache: boolean
}

/** What every view receives beside the loaded data. */
export interface ViewProps<Params, Result> {
  readonly params: Params
  readonly path: string
  /** Messages by field after a refused form; empty otherwise. */
  readonly errors: FieldErrors
  /** What was typed into a refused form (passwords excepted); empty otherwise. */
  readonly values: Readonly<Partial<Record<string, string>>>
  /** What the action returned, if it returned data. */
  readonly result: Result | undefined
}

export interface PageDefinition<
  Params,
  Loaded extends object | Redirect,
  Actions extends Readonly<Record<string, Action<Params>>>,
> {
  /** Reads what the page shows. Return a {@link redirect} to send the client elsewhere. */
  load?: (context: RequestContext<Params>) => Promise<Loaded> | Loaded
  /** Receivers of the page's forms by name; `default` receives a POST without `?action=`. */
  actions?: Actions
  view: (
    props: Exclude<Loaded, Redirect> & ViewProps<Params, ActionResult<Actions[keyof Actions]>>,
  ) => ComponentChildren
  head?: (data: Exclude<Loaded, Redirect>) => Head
  /** Status of the shown page; 200 by default. */
  status?: number | ((data: Exclude<Loaded, Redirect>) => number)
  /** Instead of the module's or app's layout (a plain document without either); null for none: the view returns the document. */
  layout?: Layout | null
  /** `'5m'`: allows the clock, randomness and outgoing requests, and keeps the page at most this long. */
  maxAge?: string | number
  /** `false`: never cached, for pages that read what the framework can't see (a file, another database). */
  cache?: false
}

type ActionResult<A> = A extends Action<never, infer Result> ? Result : never

/**
 * A page at a path, rendered on the server. It is cached with no configuration, keyed by the parts of the request
 * that it looked at, and purged when something that it read changes.
 *
 * ```tsx
 * export const articlePage = page('/article/:slug', {
 *   load: async ({ params, db }) => ({ article: (await bySlug(db, params.slug)) ?? notFound() }),
 *   head: ({ article }) => ({ title: article.title }),
 *   view: ({ article }) => <h1>{article.title}</h1>,
 * })
 * ```
 */
export function page<
  const Path extends string,
  Loaded extends object | Redirect = Record<never, never>,
  Actions extends Readonly<Record<string, Action<PathParams<Path>>>> = Record<never, never>,
>(path: Path, definition: PageDefinition<PathParams<Path>, Loaded, Actions>): Page {
  const { load, actions, view, head, status, layout, maxAge, cache } = definition
  return {
    kind: 'page',
    path,
    layout,
    load: async context => (await load?.(context as RequestContext<PathParams<Path>>)) ?? {},
    actions: (actions ?? {}) as unknown as Readonly<Record<string, Action>>,
    view: view as unknown as Page['view'],
    head: data => head?.(data as Exclude<Loaded, Redirect>) ?? {},
    status: data =>
      typeof status === 'function' ? status(data as Exclude<Loaded, Redirect>) : (status ?? 200),
    maxAge,
    cache: cache !== false,
  }
}
