import type { FastifyReply, FastifyRequest } from 'fastify'
import { errorDocument, errorDocumentPolicy, fullStack } from './errorDocument.ts'
import { headerOf, pathOf } from './exchange.ts'
import { type HttpError, Redirect, reasons } from './outcome.ts'
import { httpErrorOf, problemOf } from './problem.ts'
import { renderErrorPage } from './renderPage.ts'
import type { Services } from './services.ts'

/** Answers with an error: JSON for routes, a page for pages, and by `Accept` where nothing else says which. */
export async function sendFailure(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<FastifyReply> {
  if (thrown instanceof Redirect) return sendRedirect(reply, thrown)
  const error = httpErrorOf(thrown)
  if (error.status >= 500) {
    request.log.error({ err: thrown, method: request.method, path: pathOf(request) }, 'request failed')
  }
  reply.code(error.status).headers(error.headers)
  if (error.status === 401 && !reply.hasHeader('www-authenticate') && services.auth) {
    reply.header('www-authenticate', services.app.auth?.tokenScheme ?? 'Bearer')
  }
  const speaks = request.routeOptions.config.speaks ?? byAccept(request)
  return speaks === 'json'
    ? sendJson(error, request, reply, services)
    : sendPage(error, request, reply, services)
}

function byAccept(request: FastifyRequest): 'html' | 'json' {
  request.exchange?.recorder.part('header:accept')
  return headerOf(request, 'accept')?.includes('text/html') ? 'html' : 'json'
}

function sendJson(
  error: HttpError,
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): FastifyReply {
  const own = request.routeOptions.config.errorBody ?? services.app.errorBody
  const body = own
    ? own(error)
    : {
        ...problemOf(error),
        ...(services.debug && error.status >= 500 ? { stack: fullStack(error.cause ?? error) } : {}),
      }
  reply.type(own ? 'application/json; charset=utf-8' : 'application/problem+json')
  return reply.serializer(asIs).send(JSON.stringify(body))
}

async function sendPage(
  error: HttpError,
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
): Promise<FastifyReply> {
  reply.type('text/html; charset=utf-8')
  const title = reasons[error.status] ?? `Status ${error.status}`
  const props = {
    status: error.status,
    title,
    path: pathOf(request),
    requestId: error.status >= 500 ? request.id : '',
  }
  const showsStack = services.debug && error.status >= 500
  if (!showsStack) {
    const own = await renderErrorPage(props, request, services)
    if (own !== undefined) return reply.send(own)
  }
  reply.header('content-security-policy', errorDocumentPolicy)
  return reply.send(
    errorDocument({
      status: error.status,
      title,
      requestId: props.requestId,
      ...(error.status < 500 && error.message !== title ? { detail: error.message } : {}),
      ...(showsStack
        ? { stack: fullStack(error.cause ?? error), detail: 'This page is shown in debug only.' }
        : {}),
    }),
  )
}

export function sendRedirect(reply: FastifyReply, redirect: Redirect): FastifyReply {
  // Header values are ASCII: whatever else is in the address is URI-encoded, what is encoded already stays.
  const location = redirect.to.replace(/[^\x21-\x7e]+/gu, encodeURIComponent)
  return reply.code(redirect.status).header('location', location).type('text/plain; charset=utf-8').send('')
}

/** Serialises what is text or bytes already. */
export const asIs = (payload: unknown): string => payload as string
