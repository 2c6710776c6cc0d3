import type { FastifyRequest } from 'fastify'
import type { RequestPart } from '../reads/index.ts'
import { bindAuth } from './auth/bind.ts'
import { createIdentity } from './auth/identity.ts'
import type { ActingContext, Log, QueryReader } from './context.ts'
import { cookieJar } from './cookies.ts'
import { addressOf, headerOf, hostOf, pathOf, protocolOf, searchParams } from './exchange.ts'
import { now } from './now.ts'
import { HttpError, Redirect } from './outcome.ts'
import type { User } from './register.ts'
import type { Services } from './services.ts'
import { refuseWhileComputing } from './sharing.ts'

/** Headers that the edge writes itself: what they tell is recorded as what the edge saw. The host always counts. */
const writtenByEdge: Readonly<Record<string, readonly RequestPart[]>> = {
  'x-forwarded-for': ['address'],
  forwarded: ['address', 'protocol'],
  'x-forwarded-proto': ['protocol'],
  'x-forwarded-host': [],
  host: [],
  cookie: ['cookie:*'],
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
  const jar = cookieJar(request)
  const cookies = {
    ...jar,
    get(name: string) {
      refuseWhileComputing(`the cookie "${name}"`)
      return jar.get(name)
    },
  }
  const header = (name: string): string | undefined => {
    const lower = name.toLowerCase()
    refuseWhileComputing(`the header "${lower}"`)
    if (lower.startsWith('quintet-')) return undefined
    const written = Object.hasOwn(writtenByEdge, lower) ? writtenByEdge[lower] : undefined
    for (const part of written ?? [`header:${lower}` as const]) recorder.part(part)
    return headerOf(request, lower)
  }
  const identity = createIdentity({
    engine: services.auth,
    recorder,
    readCookie: cookies.get,
    readAuthorization: speaks === 'json' ? () => header('authorization') : undefined,
  })
  // Known already, perhaps, from an earlier look.
  const user = async (): Promise<User | null> => {
    refuseWhileComputing('the user')
    return identity.user()
  }
  return {
    params: request.params as Readonly<Record<string, string>>,
    path: pathOf(request),
    method: request.method,
    requestId() {
      refuseWhileComputing('the request id')
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
      refuseWhileComputing("the client's address")
      recorder.part('address')
      return addressOf(request)
    },
    origin() {
      refuseWhileComputing('the origin')
      recorder.part('protocol')
      return `${protocolOf(request)}://${hostOf(request)}`
    },
    user,
    async requireUser(options = {}) {
      const found = await user()
      if (found) return found
      if (options.redirectTo !== undefined) throw new Redirect(options.redirectTo, 303)
      throw new HttpError(401, { errors: { token: ['is missing'] } })
    },
    auth: bindAuth({ engine: services.auth, identity, request, cookies, setsCookie: speaks === 'html' }),
  }
}

/** The query as names and values, each look recorded. */
function queryReader(request: FastifyRequest): QueryReader {
  const { recorder } = request.exchange
  let parsed: URLSearchParams | undefined
  const pairs = (): URLSearchParams => {
    parsed ??= searchParams(request)
    return parsed
  }
  return {
    get(name) {
      refuseWhileComputing(`the query parameter "${name}"`)
      recorder.part(`query:${name}`)
      return pairs().get(name) ?? undefined
    },
    all(name) {
      refuseWhileComputing(`the query parameter "${name}"`)
      recorder.part(`query:${name}`)
      return pairs().getAll(name)
    },
    entries() {
      refuseWhileComputing('the query')
      recorder.part('query:*')
      return [...pairs()]
    },
  }
}
