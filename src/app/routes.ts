import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Module } from './app.ts'
import { errors } from './errors.ts'
import { searchParams } from './exchange.ts'
import { asIs, sendRedirect } from './failures.ts'
import { fieldErrors, objectFromPairs, objectShape } from './forms.ts'
import { plainMessages } from './messages.ts'
import { HttpError, Redirect } from './outcome.ts'
import { isEmpty, responseSchemas } from './responseSchema.ts'
import { Reply, type Route } from './route.ts'
import { runApp } from './runApp.ts'
import type { Services } from './services.ts'

/** Serves a route: input checked by zod, the answer serialised by what Fastify compiled from its schemas. */
export function serveRoute(server: FastifyInstance, route: Route, module: Module, services: Services): void {
  const status = successStatus(route)
  const errorBody = module.errorBody ?? services.app.errorBody
  server.route({
    method: route.method,
    url: route.path,
    schema: { response: responseSchemas(route) },
    config: { speaks: 'json', ...(errorBody ? { errorBody } : {}) },
    handler: async (request, reply) => {
      const result = await runApp(
        request,
        services,
        { speaks: 'json', maxAge: route.maxAge, cache: route.cache },
        async context => {
          if (route.signedIn) await context.requireUser()
          const query = await checkedQuery(route, request)
          const params = route.params ? await checked(route.params, context.params) : context.params
          const body = route.body ? await checked(route.body, jsonBody(request)) : undefined
          const handlerContext = { ...context, params: params as typeof context.params, body }
          return await route.handler({ ...handlerContext, query: query ?? context.query })
        },
      )
      if (result instanceof HttpError) throw result
      if (result instanceof Redirect) return sendRedirect(reply, result)
      if (result instanceof Reply)
        return send(route, reply.headers(result.headers), result.status, result.body, services)
      return send(route, reply, status, result, services)
    },
  })
}

/** The lowest success status that the route declares. */
function successStatus(route: Route): number {
  const declared = Object.keys(route.response).map(Number)
  return declared.filter(status => status >= 200 && status < 300).sort((a, b) => a - b)[0] ?? 200
}

function send(
  route: Route,
  reply: FastifyReply,
  status: number,
  body: unknown,
  services: Services,
): FastifyReply {
  const schema = route.response[status]
  reply.code(body === undefined && status === 200 && !schema ? 204 : status)
  if (services.debug && schema && !isEmpty(schema)) refuseUndeclared(route, status, schema, body)
  if (body === undefined || (schema && isEmpty(schema))) return reply.send()
  // What the handler gave its own content type is written already.
  if (reply.hasHeader('content-type')) return reply.serializer(asIs).send(body)
  // Fastify sends a string as it is; as JSON it has quotes.
  return reply
    .type('application/json; charset=utf-8')
    .send(typeof body === 'string' ? JSON.stringify(body) : body)
}

/** In debug the developer hears of an answer that its own schema refuses; in production the serialiser just shapes it. */
function refuseUndeclared(route: Route, status: number, schema: z.ZodType, body: unknown): void {
  const result = schema.safeParse(body)
  if (result.success) return
  const problems = result.error.issues
    .map(issue => `${issue.path.join('.') || 'the body'}: ${issue.message}`)
    .join('; ')
  throw errors.APP_RESPONSE_INVALID({ route: `${route.method} ${route.path}`, status, problems })
}

/** Only the names that the schema declares count as read; a strict or loose schema looks at all of them. */
async function checkedQuery(route: Route, request: FastifyRequest): Promise<unknown> {
  if (!route.query) return undefined
  const { recorder } = request.exchange
  const pairs = searchParams(request)
  const object = objectShape(route.query)
  if (!object?.exact) {
    recorder.part('query:*')
    return checked(route.query, objectFromPairs(pairs, route.query))
  }
  const declared = new URLSearchParams()
  for (const name of Object.keys(object.shape)) {
    recorder.part(`query:${name}`)
    for (const value of pairs.getAll(name)) declared.append(name, value)
  }
  return checked(route.query, objectFromPairs(declared, route.query))
}

function jsonBody(request: FastifyRequest): unknown {
  if (request.body instanceof URLSearchParams) {
    throw new HttpError(415, { message: 'Send the body as application/json.' })
  }
  return request.body
}

async function checked(schema: z.ZodType, value: unknown): Promise<unknown> {
  const result = await schema.safeParseAsync(value, { error: plainMessages })
  if (!result.success) throw new HttpError(422, { errors: fieldErrors(result.error) })
  return result.data
}
