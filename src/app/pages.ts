import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Module } from './app.ts'
import type { ActingContext } from './context.ts'
import { searchParams } from './exchange.ts'
import { sendRedirect } from './failures.ts'
import { fieldErrors, objectFromPairs, typedValues } from './forms.ts'
import type { Layout } from './layout.ts'
import { plainMessages } from './messages.ts'
import { HttpError, Redirect } from './outcome.ts'
import type { Page } from './page.ts'
import { plainLayout } from './plainLayout.ts'
import { type FormState, type Rendered, renderPage, untouched } from './renderPage.ts'
import { runApp } from './runApp.ts'
import type { Services } from './services.ts'

/** Serves a page: GET shows it, POST runs one of its actions. */
export function servePage(server: FastifyInstance, page: Page, module: Module, services: Services): void {
  const layout = [page.layout, module.layout, services.app.layout, plainLayout].find(one => one !== undefined)
  const config = { speaks: 'html' as const }
  const options = { speaks: 'html' as const, maxAge: page.maxAge, cache: page.cache }
  server.get(page.path, { config }, async (request, reply) =>
    answer(
      reply,
      await runApp(request, services, options, context => renderPage(page, layout, context, untouched)),
    ),
  )
  if (Object.keys(page.actions).length === 0) return
  server.post(page.path, { config }, async (request, reply) =>
    answer(reply, await runApp(request, services, options, context => act(page, layout, request, context))),
  )
}

function answer(reply: FastifyReply, result: Rendered | Redirect): FastifyReply {
  if (result instanceof Redirect) return sendRedirect(reply, result)
  return reply
    .code(result.status)
    .headers(result.headers ?? {})
    .type('text/html; charset=utf-8')
    .send(result.html)
}

/** Runs the action that the query names; refused input shows the page again with what was typed. */
async function act(
  page: Page,
  layout: Layout | null | undefined,
  request: FastifyRequest,
  context: ActingContext,
): Promise<Rendered | Redirect> {
  const name = searchParams(request).get('action') ?? 'default'
  const action = Object.hasOwn(page.actions, name) ? page.actions[name] : undefined
  if (!action) throw new HttpError(404, { message: `The page has no action "${name}".` })
  const form = formOf(request)
  const checked = await action.schema.safeParseAsync(objectFromPairs(form, action.schema), {
    error: plainMessages,
  })
  const again = async (
    state: Partial<FormState>,
    answer: Partial<Pick<Rendered, 'status' | 'headers'>> = {},
  ): Promise<Rendered | Redirect> => {
    const shown = await renderPage(page, layout, context, { ...untouched, ...state })
    return shown instanceof Redirect ? shown : { ...shown, ...answer }
  }
  if (!checked.success)
    return again({ errors: fieldErrors(checked.error), values: typedValues(form) }, { status: 422 })
  let result: unknown
  try {
    result = await action.run(context, checked.data)
  } catch (error) {
    // A refusal with messages belongs to the form, however deep down it was thrown.
    if (!(error instanceof HttpError) || !error.errors || error.status === 401) throw error
    result = error
  }
  if (result instanceof Redirect) return result
  if (!(result instanceof HttpError)) return again({ result })
  if (!result.errors) throw result
  const { errors, status, headers } = result
  return again({ errors, values: typedValues(form) }, { status, headers })
}

function formOf(request: FastifyRequest): URLSearchParams {
  if (request.body instanceof URLSearchParams) return request.body
  if (request.body === undefined || request.body === null) return new URLSearchParams()
  throw new HttpError(415, { message: 'Forms are sent as application/x-www-form-urlencoded.' })
}
