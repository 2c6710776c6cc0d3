import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify'
import { type Logger, pino } from 'pino'
import { createSharedValues, type ObjectCacheEngine, type SharedValues } from '../cache/index.ts'
import type { FeedView } from '../feed/index.ts'
import { edgeAddresses, type Settings } from '../settings/index.ts'
import type { App } from './app.ts'
import { appDb, type Handles } from './appDb.ts'
import { readAssets, useAssets } from './assets.ts'
import { createAuthEngine } from './auth/engine.ts'
import { installRecordedClock } from './clock.ts'
import { crossSiteRefusal } from './csrf.ts'
import { errors } from './errors.ts'
import { pathOf } from './exchange.ts'
import { sendFailure } from './failures.ts'
import { serveHealth } from './health.ts'
import { useLogger } from './log.ts'
import { HttpError } from './outcome.ts'
import { watchOutgoingRequests } from './outgoing.ts'
import { servePage } from './pages.ts'
import { checkPaths } from './paths.ts'
import { plainStyle } from './plainLayout.ts'
import { closeRecord, openRecord } from './recording.ts'
import { serveRoute } from './routes.ts'
import { addSecurityHeaders } from './securityHeaders.ts'
import { serveAssets } from './serveAssets.ts'
import type { Services } from './services.ts'
import { createShared } from './sharing.ts'

const warmAfterMs = 2_000
const defaultComputedBytes = 64 * 1024 ** 2

/** What the server needs of the database; `createDatabase({ …, schema: app.models })` has it. */
export interface AppDatabase extends Handles {
  readonly internal: { query(text: string): Promise<unknown> }
  flushedLsn(): Promise<bigint>
}

export interface AppServerOptions {
  app: App
  settings: Pick<Settings, 'root' | 'debug' | 'secret' | 'log' | 'edge'>
  database: AppDatabase
  /** Default: JSON lines on standard output, by the settings' level. */
  log?: Logger
  /** Without a feed nothing is cached. */
  feed?: FeedView
  /** What cached functions and queries share; should be the same that `cacheQueries` was given. Default: 64 MB of its own. */
  values?: SharedValues
  /** Where the object cache keeps its values. Default: 64 MB of memory. */
  objects?: ObjectCacheEngine
  /** Changes with the app's code; entries of another build are never served. */
  build: string
}

/**
 * The app as an HTTP server (Fastify), not listening yet. Each response carries its record in the internal header
 * `quintet-record`; the server therefore belongs behind an edge, on a Unix socket. Queries are recorded where
 * `recordQueries` listens to the database. Throws APP_NOT_AN_APP, APP_PATH_TAKEN and the like before anything starts.
 *
 * Installs the recorded clock and the watch on outgoing requests in this process.
 */
export function createAppServer(options: AppServerOptions): FastifyInstance {
  const { app, settings, database, build, feed } = options
  if (app?.kind !== 'app') throw errors.APP_NOT_AN_APP({ found: app === undefined ? 'nothing' : typeof app })
  const paths = checkPaths(app)
  const assets = readAssets(resolve(settings.root, app.assets), app.layout ? [] : [plainStyle])
  useAssets(assets)
  const log = options.log ?? pino({ level: settings.log.level })
  useLogger(log)
  const db = appDb(database)
  const auth =
    app.auth &&
    createAuthEngine(app.auth, {
      db,
      secret: settings.secret,
      baseUrl: edgeAddresses(settings as Settings)[0],
    })
  const values = options.values ?? createSharedValues({ feed, maxBytes: defaultComputedBytes })
  const shared = createShared({ values, engine: options.objects, db, log })
  const services: Services = { app, db, auth, assets, log, shared, debug: settings.debug }
  const recording = { build, feed, values, flushedLsn: () => database.flushedLsn() }

  const server = fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: settings.edge.maxBodyBytes,
    genReqId: request => String(request.headers['quintet-request-id'] ?? randomUUID()),
    // While draining, requests on the edge's open connections are still answered.
    return503OnClosing: false,
    // Queries are read where they are looked at.
    routerOptions: { querystringParser: () => ({}), maxParamLength: 1000 },
    frameworkErrors: (error, request, reply) => void sendFailure(error, request, reply, services),
  })
  server.decorateRequest('exchange')
  server.addHook('onRequest', (request, reply, done) => {
    openRecord(request, recording)
    // Also when the client goes away before its answer: no record stays open.
    reply.raw.once('close', () => request.exchange.recorder.close())
    const refusal = crossSiteRefusal(request)
    done(refusal === undefined ? undefined : new HttpError(403, { message: `Refused: ${refusal}.` }))
  })
  server.addHook('onSend', async (request, reply, payload) => {
    for (const cookie of request.exchange?.setCookies ?? []) reply.header('set-cookie', cookie)
    addSecurityHeaders(request, reply, settings.debug)
    await closeRecord(request, reply, payload, recording)
    return payload
  })
  server.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new URLSearchParams(body as string)),
  )
  server.setErrorHandler((error, request, reply) => sendFailure(error, request, reply, services))
  server.setNotFoundHandler((request, reply) => {
    const allowed = paths.methodsAt(pathOf(request))
    const error =
      allowed.length > 0 && !allowed.includes(request.method)
        ? new HttpError(405, { headers: { allow: allowed.join(', ') } })
        : new HttpError(404)
    return sendFailure(error, request, reply, services)
  })

  serveHealth(server, () => database.internal.query('select 1'))
  serveAssets(server, assets)
  for (const module of app.modules) {
    for (const page of module.pages) servePage(server, page, module, services)
    for (const route of module.routes) serveRoute(server, route, module, services)
  }

  // Once the first pages have been served; a failure shows itself at the first sign-in.
  server.addHook('onListen', async () => {
    setTimeout(() => void auth?.warm().catch(() => {}), warmAfterMs).unref()
  })
  // For the rest of the process's life: an app worker does nothing else.
  installRecordedClock()
  watchOutgoingRequests()
  return server
}
