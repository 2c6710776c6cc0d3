/** Types that a test can only check by compiling: this file's point is that `tsc` accepts it. */
import { pgTable, text } from 'drizzle-orm/pg-core'
import { expect, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  action,
  authTables,
  defineAuth,
  defineLayout,
  notFound,
  type PathParams,
  page,
  redirect,
  reply,
  route,
  userColumns,
} from './index.ts'

const users = pgTable('users', { ...userColumns(), username: text().notNull().unique(), bio: text() })

test('path literals name their parameters', () => {
  expectTypeOf<PathParams<'/article/:slug'>>().toEqualTypeOf<{ readonly slug: string }>()
  expectTypeOf<PathParams<'/a/:b/c/:d'>>().toEqualTypeOf<{ readonly b: string; readonly d: string }>()
  // biome-ignore lint/complexity/noBannedTypes: an object without properties is what is meant
  expectTypeOf<PathParams<'/'>>().toEqualTypeOf<{}>()
})

test('a page types its params, its data and its action input', () => {
  const made = page('/article/:slug', {
    load: async ({ params }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly slug: string }>()
      if (params.slug === 'old') return redirect('/article/new')
      return { title: params.slug === 'none' ? notFound() : params.slug }
    },
    actions: {
      comment: action(z.object({ body: z.string() }), async ({ input, params }) => {
        expectTypeOf(input).toEqualTypeOf<{ body: string }>()
        expectTypeOf(params.slug).toEqualTypeOf<string>()
        if (input.body === '') return redirect('/')
        return { saved: input.body }
      }),
    },
    head: ({ title }) => ({ title }),
    view: ({ title, errors, values, result, params }) => {
      expectTypeOf(title).toEqualTypeOf<string>()
      expectTypeOf(result).toEqualTypeOf<{ saved: string } | undefined>()
      return (
        <p>
          {title} {errors.body?.[0]} {values.body} {params.slug}
        </p>
      )
    },
  })
  expect(made.path).toBe('/article/:slug')
})

test('a page without a load still has a view', () => {
  const made = page('/about', { view: ({ path }) => <p>{path}</p> })
  expect(made.status({})).toBe(200)
})

test('a layout types what it loaded', () => {
  const layout = defineLayout({
    load: async () => ({ year: 2026 }),
    view: ({ children, head, year }) => (
      <html lang="en">
        <title>{head.title}</title>
        {children}
        {year.toFixed()}
      </html>
    ),
  })
  expect(layout.view).toBeTypeOf('function')
})

test('a route types query, body, params and its answers', () => {
  const made = route('GET /api/articles/:slug', {
    query: z.object({ limit: z.coerce.number().default(20) }),
    body: z.object({ x: z.string() }),
    response: { 200: z.object({ title: z.string() }), 404: z.object({ gone: z.boolean() }) },
    handler: async ({ params, query, body }) => {
      expectTypeOf(params).toEqualTypeOf<{ readonly slug: string }>()
      expectTypeOf(query).toEqualTypeOf<{ limit: number }>()
      expectTypeOf(body).toEqualTypeOf<{ x: string }>()
      if (query.limit === 0) return reply(404, { gone: true })
      return { title: params.slug }
    },
  })
  expect(made.method).toBe('GET')
  route('GET /plain', { handler: ({ query }) => ({ q: query.get('q') }) })
  // @ts-expect-error: the value lacks what the schema names
  route('GET /wrong', { response: { 200: z.object({ title: z.string() }) }, handler: () => ({ other: 1 }) })
})

test('auth knows the row of the app’s own table', () => {
  const auth = defineAuth({ users, ...authTables(users), nameColumn: 'username' })
  type Row = NonNullable<typeof auth.types>['row']
  expectTypeOf<Row['username']>().toEqualTypeOf<string>()
  expect(auth.tables.users).toBe(users)
})
