import { availableParallelism } from 'node:os'
import { type Service, startAll } from '../core/index.ts'
import { embeddedPostgres } from '../data/index.ts'
import type { Settings } from '../settings/index.ts'
import { type Supervised, supervise, type ToChild } from './child.ts'
import { askControl, openControl } from './control.ts'
import { errors } from './errors.ts'
import { type BoundSocket, bindSocket } from './listener.ts'
import { type StateFolder, stateFolder } from './stateFolder.ts'

/** What `quintet status` shows. */
export interface BandStatus {
  readonly pid: number
  readonly environment: string
  readonly processes: readonly {
    name: string
    pid: number | undefined
    state: Supervised['state']
    restarts: number
    since: number
  }[]
  /** The edge's own account, or why there is none. */
  readonly edge: unknown
}

export interface SupervisorOptions {
  /** The program that runs one role: `script run ROLE --index N …`. Default: this process's own. */
  readonly script?: string
  readonly execArgv?: readonly string[]
  /** Passed on to every role, as in `['--set', 'edge.http.port=9000']`. */
  readonly args?: readonly string[]
}

export interface Band {
  readonly httpPort: number
  readonly httpsPort: number
  status(): Promise<BandStatus>
  /** Resolves when the band has stopped; rejects when one of its processes can't be kept alive. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

const drainMs = 10_000

/**
 * Brings the whole architecture up, innermost first: database, migrations, feed, app workers, edge. If any of it
 * fails, what was started is stopped again. Stops in the opposite order, so that no request loses its upstream.
 */
export async function startBand(settings: Settings, options: SupervisorOptions = {}): Promise<Band> {
  const state = stateFolder(settings.stateDir)
  await refuseSecondBand(state, settings)

  const { promise: ended, resolve: endedWell, reject: endedBadly } = Promise.withResolvers<void>()
  ended.catch(() => {})
  const children: Supervised[] = []
  const sockets: Partial<Record<'http' | 'https', BoundSocket>> = {}

  const child = (name: string, role: string, extra: readonly string[] = []): Service => {
    const supervised = supervise({
      name,
      script: options.script ?? process.argv[1] ?? '',
      execArgv: options.execArgv ?? process.execArgv,
      args: ['run', role, '--root', settings.root, ...extra, ...(options.args ?? [])],
      onSpawn: started => {
        if (role !== 'edge') return
        for (const which of ['http', 'https'] as const)
          started.send({ type: 'socket', name: which } satisfies ToChild, sockets[which]?.handle)
      },
      onCrashLoop: endedBadly,
    })
    children.push(supervised)
    return { name, start: () => supervised.start(), stop: () => supervised.stop(drainMs) }
  }

  const workers = settings.app.workers === 'auto' ? availableParallelism() : settings.app.workers
  const stopAll = await startAll([
    listening(settings, sockets),
    ...(settings.database.engine === 'embedded' ? [embeddedPostgres({ settings })] : []),
    prepare(settings, options),
    child('feed', 'feed'),
    ...Array.from({ length: workers }, (_, i) => child(`app-${i + 1}`, 'app', ['--index', String(i + 1)])),
    child('edge', 'edge'),
  ])

  const status = async (): Promise<BandStatus> => ({
    pid: process.pid,
    environment: settings.environment,
    processes: children.map(({ name, pid, state, restarts, since }) => ({
      name,
      pid,
      state,
      restarts,
      since,
    })),
    edge: await askControl(state.edgeControl, '/status').catch(error => ({
      error: (error as Error).message,
    })),
  })
  const control = await openControl(state.supervisorControl, { '/status': status })

  let stopping: Promise<void> | undefined
  return {
    httpPort: sockets.http?.port ?? settings.edge.http.port,
    httpsPort: sockets.https?.port ?? settings.edge.https.port,
    status,
    ended,
    stop() {
      stopping ??= control
        .close()
        .then(stopAll)
        .then(endedWell, error => {
          endedBadly(error)
          throw error
        })
      return stopping
    },
  }
}

async function refuseSecondBand(state: StateFolder, settings: Settings): Promise<void> {
  const running = await askControl(state.supervisorControl, '/status').catch(() => undefined)
  if (running)
    throw errors.SERVE_ALREADY_RUNNING({ pid: (running as BandStatus).pid, stateDir: settings.stateDir })
}

/** Binds the edge's ports before anything else starts, so that a taken port costs nothing. */
function listening(settings: Settings, sockets: Partial<Record<'http' | 'https', BoundSocket>>): Service {
  const { host, http, https } = settings.edge
  return {
    name: 'sockets',
    async start() {
      sockets.http = bindSocket(host, http.port, 'edge.http.port')
      sockets.https = bindSocket(host, https.port, 'edge.https.port')
    },
    async stop() {
      sockets.http?.close()
      sockets.https?.close()
    },
  }
}

/** Migrations and first-run seeding happen in a process of their own, so that the supervisor never runs app code. */
function prepare(settings: Settings, options: SupervisorOptions): Service {
  const supervised = supervise({
    name: 'prepare',
    script: options.script ?? process.argv[1] ?? '',
    execArgv: options.execArgv ?? process.execArgv,
    args: ['run', 'prepare', '--root', settings.root, ...(options.args ?? [])],
    onCrashLoop: () => {},
  })
  return {
    name: 'prepare',
    async start() {
      await supervised.start().catch(error => {
        throw errors.SERVE_PREPARE_FAILED({ last: (error as Error).message }, { cause: error })
      })
      await supervised.stop(drainMs)
    },
    stop: () => supervised.stop(0),
  }
}
