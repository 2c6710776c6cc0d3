import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Service, startAll, together } from '../core/index.ts'
import { embeddedPostgres } from '../data/index.ts'
import { type Settings, workerCount } from '../settings/index.ts'
import { type Supervised, supervise, type ToChild } from './child.ts'
import { askControl, openControl } from './control.ts'
import { type ControlSockets, controlSockets } from './controlSockets.ts'
import { errors } from './errors.ts'
import { type BoundSocket, bindSocket } from './listener.ts'

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
  /** Aborted while the band starts, what has started is stopped again and the signal's reason thrown. */
  readonly signal?: AbortSignal
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
const databaseRestarts = 5
/** Up this long, the database counts as well again. */
const stableMs = 10_000

/**
 * Brings the whole architecture up, innermost first: database, migrations, feed, app workers, edge. If any of it
 * fails, what was started is stopped again. Stops in the opposite order, so that no request loses its upstream.
 */
export async function startBand(settings: Settings, options: SupervisorOptions = {}): Promise<Band> {
  const sockets = controlSockets(settings)
  await refuseSecondBand(sockets, settings)

  const { promise: ended, resolve: endedWell, reject: endedBadly } = Promise.withResolvers<void>()
  ended.catch(() => {})
  const children: Supervised[] = []
  const bound: Partial<Record<'http' | 'https', BoundSocket>> = {}

  const child = (name: string, role: string, extra: readonly string[] = []): Service => {
    const supervised = supervise({
      name,
      script: options.script ?? process.argv[1] ?? '',
      execArgv: options.execArgv ?? process.execArgv,
      args: ['run', role, '--root', settings.root, ...extra, ...(options.args ?? [])],
      onSpawn: started => {
        if (role !== 'edge') return
        for (const which of ['http', 'https'] as const)
          started.send({ type: 'socket', name: which } satisfies ToChild, bound[which]?.handle)
      },
      onCrashLoop: endedBadly,
    })
    children.push(supervised)
    return stoppable(supervised, options.signal)
  }

  const stopAll = await startAll([
    listening(settings, bound),
    ...localDatabase(settings, endedBadly),
    prepare(settings, options),
    // Beside each other: a worker without a feed yet serves, it only isn't cached.
    together('roles', [
      child('feed', 'feed'),
      ...Array.from({ length: workerCount(settings) }, (_, i) =>
        child(`app-${i + 1}`, 'app', ['--index', String(i + 1)]),
      ),
    ]),
    child('edge', 'edge'),
    { name: 'interruption', start: async () => options.signal?.throwIfAborted(), stop: async () => {} },
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
    edge: await askControl(sockets.edge, '/status').catch(error => ({
      error: (error as Error).message,
    })),
  })
  const control = await openControl(sockets.supervisor, { '/status': status })

  let stopping: Promise<void> | undefined
  return {
    httpPort: bound.http?.port ?? settings.edge.http.port,
    httpsPort: bound.https?.port ?? settings.edge.https.port,
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

async function refuseSecondBand(sockets: ControlSockets, settings: Settings): Promise<void> {
  const running = await askControl(sockets.supervisor, '/status').catch(() => undefined)
  if (running)
    throw errors.SERVE_ALREADY_RUNNING({ pid: (running as BandStatus).pid, stateDir: settings.stateDir })
}

/** Binds the edge's ports before anything else starts, so that a taken port costs nothing. */
function listening(settings: Settings, bound: Partial<Record<'http' | 'https', BoundSocket>>): Service {
  const { host, http, https } = settings.edge
  return {
    name: 'sockets',
    async start() {
      bound.http = bindSocket(host, http.port, 'edge.http.port')
      bound.https = bindSocket(host, https.port, 'edge.https.port')
    },
    async stop() {
      bound.http?.close()
      bound.https?.close()
    },
  }
}

/** The embedded server, if that is the engine: started again when it ends by itself, as often as a child may crash. */
function localDatabase({ database, stateDir }: Settings, onLoss: (error: Error) => void): Service[] {
  if (database.engine !== 'embedded') return []
  let failures = 0
  let isStopped = false
  const again = async (reason: string): Promise<void> => {
    failures += 1
    if (isStopped) return
    if (failures > databaseRestarts) {
      onLoss(errors.SERVE_DATABASE_LOST({ reason, log: join(stateDir, 'postgres.log') }))
      return
    }
    await wait(100 * 2 ** failures, undefined, { ref: false })
    if (isStopped) return
    await postgres.start().then(
      () => setTimeout(() => (failures = 0), stableMs).unref(),
      error => again((error as Error).message),
    )
  }
  const onExit = (reason: string): void => void again(reason)
  const postgres = embeddedPostgres({ stateDir, port: database.port, name: database.name, onExit })
  const stop = (): Promise<void> => {
    isStopped = true
    return postgres.stop()
  }
  return [{ name: postgres.name, start: () => postgres.start(), stop }]
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
  const service = stoppable(supervised, options.signal)
  return {
    ...service,
    async start() {
      await service.start().catch(error => {
        options.signal?.throwIfAborted()
        throw errors.SERVE_PREPARE_FAILED({}, { cause: error })
      })
      await service.stop()
    },
  }
}

/** A child as a service whose start can be given up. */
function stoppable(supervised: Supervised, signal: AbortSignal | undefined): Service {
  return {
    name: supervised.name,
    async start() {
      signal?.throwIfAborted()
      const giveUp = (): void => void supervised.stop(drainMs)
      signal?.addEventListener('abort', giveUp)
      await supervised.start().finally(() => signal?.removeEventListener('abort', giveUp))
    },
    stop: () => supervised.stop(drainMs),
  }
}
