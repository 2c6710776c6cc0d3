import type { z } from 'zod'
import type { ActingContext } from './context.ts'
import type { PathParams } from './path.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** An answer with its own status or headers; made by {@link reply}. */
export class Reply<out Body = unknown> {
  readonly status: number
  readonly body: Body
  readonly headers: Readonly<Record<string, string>>
  constructor(status: number, body: Body, headers: Readonly<Record<string, string>>) {
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/**
 * Answers a route with this status: `return reply(201, { article })`. With a content type of its own the body is sent as
 * it is: `reply(200, svg, { headers: { 'content-type': 'image/svg+xml' } })`, text or a Buffer.
 */
export function reply<const Body = undefined>(
  status: number,
  body?: Body,
  options: { headers?: Readonly<Record<string, string>> } = {},
): Reply<Body> {
  return new Reply(status, body as Body, options.headers ?? {})
}

/** A route as the server holds it; made by {@link route}. */
export interface Route {
  readonly kind: 'route'
  readonly method: Method
  readonly path: string
  readonly params: z.ZodType | undefined
  readonly query: z.ZodType | undefined
  readonly body: z.ZodType | undefined
  readonly response: Readonly<Record<number, z.ZodType>>
  readonly signedIn: boolean
  readonly maxAge: string | number | undefined
  readonly cache: boolean
  readonly handler: (context: Omit<ActingContext, 'query'> & { query: unknown; body: unknown }) => unknown
}

type Parsed<Schema, Otherwise> = Schema extends z.ZodType ? z.output<Schema> : Otherwise
type Answer<Response> = [Response] extends [Readonly<Record<number, z.ZodType>>]
  ? z.input<Response[keyof Response]> | Reply<z.input<Response[keyof Response]>>
  : unknown

export type RouteContext<Path extends string, Params, Query, Body> = Omit<
  ActingContext<Parsed<Params, PathParams<Path>>>,
  'query'
> & {
  /** The validated query where the route has a schema for it, else the reader. */
  readonly query: Parsed<Query, ActingContext['query']>
  /** The validated JSON body. */
  readonly body: Parsed<Body, undefined>
}

export interface RouteDefinition<Path extends string, Params, Query, Body, Response> {
  params?: Params
  /** Values arrive as strings: `z.coerce.number()`. Only the declared names count as read, unless the schema is strict or loose. */
  query?: Query
  body?: Body
  /**
   * Schemas by status, compiled into serialisers: what they don't name is not sent. A value returned without
   * {@link reply} has the lowest success status declared here (200 without any).
   */
  response?: Response
  /** Whoever is not signed in is told so (401) before the input is looked at. */
  signedIn?: true
  /** As for pages. */
  maxAge?: string | number
  cache?: false
  handler: (context: RouteContext<Path, Params, Query, Body>) => Promise<Answer<Response>> | Answer<Response>
}

type PathOf<Address extends string> = Address extends `${Method} ${infer Path}` ? Path : never

/**
 * An HTTP resource that speaks JSON.
 *
 * ```ts
 * export const getArticle = route('GET /api/articles/:slug', {
 *   response: { 200: z.object({ article: articleJson }) },
 *   handler: async ({ params, db }) => ({ article: (await bySlug(db, params.slug)) ?? notFound() }),
 * })
 * ```
 */
export function route<
  const Address extends `${Method} /${string}`,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
  Response extends Readonly<Record<number, z.ZodType>> | undefined = undefined,
>(address: Address, definition: RouteDefinition<PathOf<Address>, Params, Query, Body, Response>): Route {
  const space = address.indexOf(' ')
  return {
    kind: 'route',
    method: address.slice(0, space) as Method,
    path: address.slice(space + 1),
    params: definition.params,
    query: definition.query,
    body: definition.body,
    response: definition.response ?? {},
    signedIn: definition.signedIn ?? false,
    maxAge: definition.maxAge,
    cache: definition.cache !== false,
    handler: definition.handler as unknown as Route['handler'],
  }
}
