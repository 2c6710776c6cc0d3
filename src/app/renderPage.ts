import type { FastifyRequest } from 'fastify'
import { h } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { ErrorPageProps } from './app.ts'
import type { ActingContext } from './context.ts'
import { pathOf } from './exchange.ts'
import type { Head, Layout } from './layout.ts'
import { type FieldErrors, HttpError, Redirect } from './outcome.ts'
import type { Page } from './page.ts'
import { runApp } from './runApp.ts'
import type { Services } from './services.ts'

/** What a form left behind for the view: nothing, on a plain visit. */
export interface FormState {
  readonly errors: FieldErrors
  readonly values: Readonly<Record<string, string>>
  readonly result: unknown
}

export const untouched: FormState = { errors: {}, values: {}, result: undefined }

export interface Rendered {
  readonly status: number
  readonly html: string
  readonly headers?: HttpError['headers']
}

/** Loads and renders a page within {@link runApp}; a load may redirect instead. */
export async function renderPage(
  page: Page,
  layout: Layout | null | undefined,
  context: ActingContext,
  form: FormState,
): Promise<Rendered | Redirect> {
  const loaded = await page.load(context)
  if (loaded instanceof Redirect) return loaded
  if (loaded instanceof HttpError) throw loaded
  const data = loaded as Record<string, unknown>
  const { params, path } = context
  const view = (): ReturnType<Page['view']> => page.view({ ...data, params, path, ...form })
  return documentAround(view, page.head(data), page.status(data), layout, context)
}

async function documentAround(
  view: () => ReturnType<Page['view']>,
  head: Head,
  status: number,
  layout: Layout | null | undefined,
  context: ActingContext,
): Promise<Rendered | Redirect> {
  if (!layout) return { status, html: withDoctype(renderToString(h(view, {}))) }
  const around = await layout.load(context)
  if (around instanceof Redirect) return around
  // As components, so that hooks work in views and layouts.
  const children = h(view, {})
  const { path } = context
  const document = (): ReturnType<Layout['view']> =>
    layout.view({ ...(around as Record<string, unknown>), path, head, children })
  return { status, html: withDoctype(renderToString(h(document, {}))) }
}

function withDoctype(html: string): string {
  return html.startsWith('<html') ? `<!doctype html>${html}` : html
}

/** The app's own error page in the app's layout; undefined if it has none, or if making it failed too. */
export async function renderErrorPage(
  props: ErrorPageProps,
  request: FastifyRequest,
  services: Services,
): Promise<string | undefined> {
  const { errorPages, layout } = services.app
  const view = props.status === 404 ? (errorPages.notFound ?? errorPages.error) : errorPages.error
  if (!view || !request.exchange) return undefined
  try {
    return await runApp(request, services, { speaks: 'html' }, async context => {
      const rendered = await documentAround(
        () => view(props),
        { title: props.title },
        props.status,
        layout,
        context,
      )
      return rendered instanceof Redirect ? undefined : rendered.html
    })
  } catch (error) {
    request.log.error({ err: error, path: pathOf(request) }, 'the error page failed')
    return undefined
  }
}
