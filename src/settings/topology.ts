import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { Settings } from './settings.ts'

/** One player: what it is for, which engine does it, how many processes, and where they are reached. */
export interface TopologyRow {
  readonly role: 'edge' | 'pages' | 'app' | 'objects' | 'data' | 'feed'
  readonly engine: string
  /** Processes of its own; 0 if it lives inside the role before it, or elsewhere. */
  readonly processes: number
  /** URLs, `host:port`, Unix sockets, or in words. Never a password. */
  readonly where: readonly string[]
}

/** Which roles run where, outermost first: the architecture as a list to read aloud. */
export function topology(settings: Settings): TopologyRow[] {
  const { edge, pages, app, objects, database } = settings
  return [
    { role: 'edge', engine: edge.engine, processes: 1, where: edgeAddresses(settings) },
    {
      role: 'pages',
      engine: pages.engine,
      processes: 0,
      where: pages.engine === 'none' ? [] : ['in the edge'],
    },
    { role: 'app', engine: app.engine, processes: workerCount(settings), where: workerSockets(settings) },
    { role: 'objects', engine: objects.engine, processes: 0, where: ['in each worker'] },
    {
      role: 'data',
      engine: database.engine,
      processes: database.engine === 'embedded' ? 1 : 0,
      where: [databaseAddress(settings)],
    },
    { role: 'feed', engine: 'postgres', processes: 1, where: [feedSocket(settings)] },
  ]
}

/** Worker processes: as set, or one for each CPU and at least two, so that one can be replaced while the other serves. */
export function workerCount({ app }: Pick<Settings, 'app'>): number {
  return app.workers === 'auto' ? Math.min(8, Math.max(2, availableParallelism())) : app.workers
}

/** The Unix socket of each worker, in order. */
export function workerSockets(settings: Settings): string[] {
  return Array.from({ length: workerCount(settings) }, (_, index) =>
    join(settings.stateDir, 'run', `app-${index + 1}.sock`),
  )
}

export function feedSocket({ stateDir }: Settings): string {
  return join(stateDir, 'run', 'feed.sock')
}

/** The edge's HTTPS and HTTP addresses, in this order. */
export function edgeAddresses({ edge }: Settings): [https: string, http: string] {
  const everywhere =
    edge.host === '0.0.0.0' || edge.host === '::' || edge.host === '127.0.0.1' || edge.host === '::1'
  const host = everywhere ? 'localhost' : edge.host.includes(':') ? `[${edge.host}]` : edge.host
  return [`https://${host}:${edge.https.port}`, `http://${host}:${edge.http.port}`]
}

/** `host:port/name` of the database, without user and password. */
export function databaseAddress({ database }: Settings): string {
  if (database.engine === 'embedded') return `127.0.0.1:${database.port}/${database.name}`
  const url = new URL(database.url)
  return `${url.hostname || 'localhost'}:${url.port || '5432'}${url.pathname}`
}
