import type { FastifyRequest } from 'fastify'
import type { RequestPart } from '../reads/index.ts'
import { bindAuth } from './auth/bind.ts'
import { createIdentity } from './auth/identity.ts'
import type { ActingContext, Log, QueryReader } from './context.ts'
import { cookieJar } from './cookies.ts'
import { headerOf, hostOf, pathOf, protocolOf, rawQuery } from './exchange.ts'
import { now } from './now.ts'
import { HttpError, Redirect } from './outcome.ts'
import type { Services } from './services.ts'

/** Headers that the edge writes itself: what they tell is recorded as what the edge saw. */
const writtenByEdge: Readonly<Record<string, RequestPart | null>> = {
  'x-forwarded-for': 'address',
  forwarded: 'address',
  'x-forwarded-proto': 'protocol',
  // The host always counts.
  'x-forwarded-host': null,
  host: null,
  cookie: 'cookie:*',
}

/**
 * The context of a request for the app's code: each accessor records its part of the request when it is called.
 * `speaks` says where a session is looked for: pages in the cookie, routes in `Authorization` first.
 */
export function createContext(
  request: FastifyRequest,
  services: Services,
  log: Log,
  speaks: 'html' | 'json',
): ActingContext {
  const { recorder } = request.exchange
  const cookies = cookieJar(request)
  const header = (name: string): string | undefined => {
    const lower = name.toLowerCase()
    if (lower.startsWith('quintet-')) return undefined
    const part = Object.hasOwn(writtenByEdge, lower) ? writtenByEdge[lower] : (`header:${lower}` as const)
    if (part) recorder.part(part)
    return headerOf(request, lower)
  }
  const identity = createIdentity({
    engine: services.auth,
    recorder,
    readCookie: cookies.get,
    readAuthorization: speaks === 'json' ? () => header('authorization') : undefined,
  })
  return {
    params: request.params as Readonly<Record<string, string>>,
    path: pathOf(request),
    method: request.method,
    requestId() {
      recorder.veto('read the request id')
      return request.id
    },
    query: queryReader(request),
    headers: { get: header },
    cookies,
    db: services.db,
    log,
    now,
    address() {
      recorder.part('address')
      return headerOf(request, 'x-forwarded-for') ?? request.ip
    },
    origin() {
      recorder.part('protocol')
      return `${protocolOf(request)}://${hostOf(request)}`
    },
    user: identity.user,
    async requireUser(options = {}) {
      const user = await identity.user()
      if (user) return user
      if (options.redirectTo !== undefined) throw new Redirect(options.redirectTo, 303)
      throw new HttpError(401, { errors: { token: ['is missing'] } })
    },
    auth: bindAuth({ engine: services.auth, identity, request, cookies, setsCookie: speaks === 'html' }),
  }
}

/** The query as names and values, each look recorded. */
export function queryReader(request: FastifyRequest): QueryReader {
  const { recorder } = request.exchange
  let parsed: URLSearchParams | undefined
  const pairs = (): URLSearchParams => {
    parsed ??= new URLSearchParams(rawQuery(request))
    return parsed
  }
  return {
    get(name) {
      recorder.part(`query:${name}`)
      return pairs().get(name) ?? undefined
    },
    all(name) {
      recorder.part(`query:${name}`)
      return pairs().getAll(name)
    },
    entries() {
      recorder.part('query:*')
      return [...pairs()]
    },
  }
}
