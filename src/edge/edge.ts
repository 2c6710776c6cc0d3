import { join } from 'node:path'
import { createFlights, createPageStore, type PageStoreStats } from '../cache/index.ts'
import { type Clock, type Service, systemClock } from '../core/index.ts'
import { formatPosition } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import { addressSet, hostSet } from '../http/index.ts'
import type { Settings } from '../settings/index.ts'
import { createBodyReader } from './body.ts'
import { createClientPositions } from './clientPosition.ts'
import { errors } from './errors.ts'
import { type Explanation, explainPage } from './explain.ts'
import { createHandler } from './handler.ts'
import { createListener, type Listen, type Listener, loadTls } from './listener.ts'
import { createOutflow } from './outflow.ts'
import { createOwnWrites } from './ownWrites.ts'
import { createRefresher, type Refresher } from './refresh.ts'
import { upgradeWebSocket } from './upgrade.ts'
import { type WatchEvent, watchCommits } from './watch.ts'
import { createWorkers, type WorkerStatus } from './workers.ts'

export interface EdgeOptions {
  readonly settings: Pick<Settings, 'edge' | 'pages' | 'secret' | 'stateDir' | 'debug'>
  readonly feed: FeedView
  /** Unix sockets of the app workers. */
  readonly workers: readonly string[]
  /** Where to listen instead of where the settings say; null for not at all. */
  readonly http?: Listen | null
  readonly https?: Listen | null
  readonly clock?: Clock
}

export interface EdgeStatus {
  readonly requests: number
  /** Answered 4xx by the edge itself, without a worker. */
  readonly rejected: number
  /** Answered 5xx by the edge itself. */
  readonly failed: number
  /** Answered from another request's render. */
  readonly collapsed: number
  readonly refreshed: number
  readonly pages: PageStoreStats
  readonly feed: { readonly position: string | null; readonly fresh: boolean }
  readonly workers: readonly WorkerStatus[]
  readonly httpPort: number | null
  readonly httpsPort: number | null
}

export interface Edge extends Service {
  status(): EdgeStatus
  /** Makes the page once more and says why it is or is not cached. Throws EDGE_BAD_URL, EDGE_NO_WORKER and its like. */
  explain(
    url: string,
    options?: { cookie?: string; headers?: Readonly<Record<string, string>> },
  ): Promise<Explanation>
  /** Tells every commit with what it purged; returns the function that stops. */
  watch(listener: (event: WatchEvent) => void): () => void
  /** Replaces the list of app workers' sockets. */
  setWorkers(sockets: readonly string[]): void
  /** Resolves when no purged page is waiting to be made again. */
  refreshed(): Promise<void>
}

/** How long requests in flight may take to finish when the edge stops. */
const graceMs = 10_000

/**
 * The process that faces the clients: TLS, the page cache, balancing over the app workers.
 *
 * ```ts
 * const edge = createEdge({ settings, feed, workers: ['/run/app-1.sock'] })
 * await edge.start()
 * ```
 */
export function createEdge(options: EdgeOptions): Edge {
  const { feed } = options
  const { edge, pages, secret, stateDir, debug } = options.settings
  const clock = options.clock ?? systemClock
  let refresher: Refresher | undefined
  const store = createPageStore({
    maxBytes: pages.engine === 'none' ? 0 : pages.maxBytes,
    maxEntryBytes: pages.maxEntryBytes,
    feed,
    clock,
    onPurged: (entry, purge) => refresher?.purged(entry, purge),
  })
  const workers = createWorkers(options.workers, { timeoutMs: edge.timeouts.upstreamMs })
  const flights = createFlights(feed)
  const refreshing = createRefresher({ store, flights, workers, feed, maxBytes: pages.maxEntryBytes })
  refresher = refreshing
  const positions = createClientPositions(secret)
  const admission = { trusted: addressSet(edge.trustedProxies), serves: hostSet(edge.hosts) }
  const shared = {
    store,
    flights,
    workers,
    feed,
    positions,
    clock,
    ownWrites: createOwnWrites(feed, positions),
    admission,
    readBody: createBodyReader({ maxBytes: edge.maxBodyBytes, withinMs: edge.timeouts.bodyMs }),
    outflow: createOutflow({ stallMs: edge.timeouts.idleMs }),
    maxEntryBytes: pages.maxEntryBytes,
    onFeedLoss: pages.onFeedLoss,
    debug,
  }
  const handler = createHandler(shared)
  const listeners: Partial<Record<'http' | 'https', Listener>> = {}

  const httpsPort = (): number => listeners.https?.port ?? edge.https.port
  const redirectTo = (host: string): string => {
    const name = host.replace(/:\d+$/, '')
    return `https://${name}${httpsPort() === 443 ? '' : `:${httpsPort()}`}`
  }
  const redirecting = createHandler({ ...shared, redirectTo })

  /** A whole address, or a path on this machine. */
  function parsed(url: string): URL {
    const { https, http } = listeners
    const base = https
      ? `https://localhost:${https.port}`
      : `http://localhost:${http?.port ?? edge.http.port}`
    const found = URL.parse(url, base)
    if (!found || !/^https?:$/.test(found.protocol)) throw errors.EDGE_BAD_URL({ url })
    return found
  }

  return {
    name: 'edge',
    async start() {
      const common = {
        maxHeaderBytes: edge.maxHeaderBytes,
        idleMs: edge.timeouts.idleMs,
        bodyMs: edge.timeouts.bodyMs,
        onUpgrade: (...upgrade: Parameters<Parameters<typeof createListener>[0]['onUpgrade']>) =>
          void upgradeWebSocket(...upgrade, { workers, admission }),
      }
      const started: Listener[] = []
      const open = async (which: 'http' | 'https', listener: Listener): Promise<void> => {
        await listener.start()
        started.push(listener)
        listeners[which] = listener
      }
      try {
        if (options.https !== null) {
          const listen = options.https ?? { host: edge.host, port: edge.https.port }
          const tls = await loadTls(edge.tls, join(stateDir, 'tls'))
          await open('https', createListener({ ...common, scheme: 'https', listen, tls, onRequest: handler }))
        }
        if (options.http !== null) {
          const listen = options.http ?? { host: edge.host, port: edge.http.port }
          const redirected = {
            onRequest: redirecting,
            onUpgrade: (...upgrade: Parameters<typeof common.onUpgrade>) =>
              void upgradeWebSocket(...upgrade, { workers, admission, redirectTo }),
          }
          const served = edge.http.redirect ? redirected : { onRequest: handler }
          await open('http', createListener({ ...common, scheme: 'http', listen, ...served }))
        }
      } catch (error) {
        await Promise.all(started.map(listener => listener.stop(0)))
        throw error
      }
    },
    async stop() {
      refreshing.stop()
      await Promise.all(Object.values(listeners).map(listener => listener.stop(graceMs)))
      store.close()
      await workers.close()
    },
    status: () => ({
      requests: handler.counters.requests + redirecting.counters.requests,
      rejected: handler.counters.rejected + redirecting.counters.rejected,
      failed: handler.counters.failed + redirecting.counters.failed,
      collapsed: handler.counters.collapsed + redirecting.counters.collapsed,
      refreshed: refreshing.refreshed,
      pages: store.stats(),
      feed: { position: feed.position && formatPosition(feed.position), fresh: feed.fresh() },
      workers: workers.status(),
      httpPort: listeners.http?.port ?? null,
      httpsPort: listeners.https?.port ?? null,
    }),
    explain: async (url, more) =>
      explainPage(parsed(url), { store, workers, feed, maxEntryBytes: pages.maxEntryBytes, ...more }),
    watch: listener => watchCommits(feed, listener, clock),
    setWorkers: sockets => workers.set(sockets),
    refreshed: () => refreshing.idle(),
  }
}
