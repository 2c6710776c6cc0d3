import { chmodSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { createAppServer, installRecordedClock } from '../../app/index.ts'
import { cacheQueries, createSharedValues, memoryObjects } from '../../cache/index.ts'
import { createDatabase } from '../../data/index.ts'
import { createFeedClient, type FeedView } from '../../feed/index.ts'
import { type Catalog, createAnalyzer, loadCatalog, recordQueries } from '../../reads/index.ts'
import { feedSocket, type Settings, workerSockets } from '../../settings/index.ts'
import { buildId, codeDigest } from '../build.ts'
import { checkSocketPath } from '../control.ts'
import { databaseUrl } from '../databaseUrl.ts'
import { errors } from '../errors.ts'
import { loadApp } from '../loadApp.ts'
import type { RunningRole } from '../role.ts'

/** Runs the app's HTTP code on the worker's Unix socket; `index` counts from 1. */
export async function startApp(settings: Settings, log: Logger, index: number): Promise<RunningRole> {
  const socket = workerSockets(settings)[index - 1]
  if (!socket) throw errors.SERVE_NO_SUCH_WORKER({ index, workers: workerSockets(settings).length })
  checkSocketPath(socket)
  // Before the code is read: what changes on disk from here on belongs to the next build.
  const code = codeDigest(settings.root)
  // And before a library of the app can keep the real clock to itself.
  installRecordedClock()
  const app = await loadApp(settings)
  const build = buildId(code, resolve(settings.root, app.assets))
  const database = createDatabase({
    url: databaseUrl(settings),
    poolMax: settings.database.pool.max,
    statementTimeoutMs: settings.database.statementTimeoutMs,
    applicationName: `quintet-app-${index}`,
    schema: app.models as Record<string, unknown>,
  })
  const catalog = await loadCatalog(
    (text, values) => database.internal.query(text, values),
    settings.database.publication,
  )
  const feed = createFeedClient({ socketPath: feedSocket(settings), freshnessMs: settings.pages.freshnessMs })
  followSchema(feed, catalog)
  const analyzer = await createAnalyzer({ catalog })
  recordQueries(database, analyzer)
  const values = createSharedValues({ feed, maxBytes: settings.objects.maxComputedBytes })
  cacheQueries(database, { values, analyzer, all: settings.database.cacheReads })
  const objects = memoryObjects({ maxBytes: settings.objects.maxBytes })
  const server = createAppServer({ app, settings, database, feed, values, objects, build, log })
  await feed.start()
  if (await answers(socket)) throw errors.SERVE_SOCKET_TAKEN({ path: socket })
  rmSync(socket, { force: true })
  await server.listen({ path: socket, listenTextResolver: () => 'ready' })
  chmodSync(socket, 0o600)
  return {
    async drain() {
      await server.close()
      await feed.stop()
      await database.close()
    },
  }
}

/** Analyses made with a schema must be gone before this process claims to have seen the schema's change. */
function followSchema(feed: FeedView, catalog: Catalog): void {
  feed.onTransaction(({ changes }) => {
    if (changes.some(change => change.kind === 'everything')) void catalog.invalidate()
  })
  feed.onReset(() => void catalog.invalidate())
}

/** Whether a process listens on the socket; a file that a killed one left behind refuses. */
function answers(path: string): Promise<boolean> {
  return new Promise(done => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}
