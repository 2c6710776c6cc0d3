import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Service } from '../../core/index.ts'
import { errors } from '../errors.ts'
import { serverState } from '../signals.ts'
import { accountForServer, identity } from './account.ts'
import {
  clusterFolder,
  clusterPassword,
  ensureCluster,
  passwordFile,
  serverEnvironment,
  sharedFolder,
  superuser,
} from './cluster.ts'
import { findDistribution } from './distribution.ts'
import { claimFolder, clearLeftovers, releaseFolder, stopServer } from './leftover.ts'

export interface EmbeddedOptions {
  /** The project's state folder; the cluster is kept in `postgres/` inside it where that is possible. */
  readonly stateDir: string
  /** On 127.0.0.1; 0 chooses a free one at start. */
  readonly port: number
  /** The database to make; default `app`. */
  readonly name?: string
  /** Default true. False turns fsync off: for tests, whose data may be lost. */
  readonly durable?: boolean
  /** More of PostgreSQL's own settings; they win over ours. */
  readonly settings?: Readonly<Record<string, string>>
  /** Called when the server ends without having been told to. */
  readonly onExit?: (reason: string) => void
}

/** A real PostgreSQL 18 from npm packages, as a service. */
export interface EmbeddedPostgres extends Service {
  /** `postgres://…` of the app's database, as its superuser. Throws DATA_NOT_STARTED while port 0 isn't resolved. */
  readonly url: string
  /** The server's process; undefined while it isn't running. */
  readonly pid: number | undefined
}

const startTimeoutMs = 60_000
const largestLogBytes = 8 * 1024 ** 2

/** Tunables written to postgresql.conf when the cluster is made; from then on the file is the project's to edit. */
const initialSettings = { max_connections: '200', shared_buffers: '128MB', log_timezone: 'UTC' }

/** What the rest of Quintet relies on; given at every start, so that it holds whatever the configuration file says. */
const pinnedSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  wal_level: 'logical',
  max_replication_slots: '50',
  max_wal_senders: '50',
  DateStyle: 'ISO, MDY',
  TimeZone: 'UTC',
}

const looseSettings = { fsync: 'off', full_page_writes: 'off' }

/** The address of a project's embedded database, for processes that don't start it. Throws DATA_NO_PASSWORD. */
export function embeddedUrl(options: { stateDir: string; port: number; name?: string }): string {
  const file = passwordFile(resolve(options.stateDir))
  if (!existsSync(file)) throw errors.DATA_NO_PASSWORD({ file })
  return urlOf(readFileSync(file, 'utf8').trim(), options.port, options.name ?? 'app')
}

/**
 * Runs PostgreSQL for the project. `start` throws DATA_PORT_TAKEN, DATA_FOLDER_IN_USE, DATA_FOLDER_VERSION,
 * DATA_FOLDER_FOREIGN, DATA_NO_ACCOUNT, DATA_PLATFORM or DATA_EMBEDDED_FAILED, and then leaves nothing running.
 */
export function embeddedPostgres(options: EmbeddedOptions): EmbeddedPostgres {
  const stateDir = resolve(options.stateDir)
  const durable = options.durable ?? true
  const name = options.name ?? 'app'
  let port = options.port
  let server: RunningServer | undefined

  const service: EmbeddedPostgres = {
    name: 'postgres',
    get url() {
      if (port === 0) throw errors.DATA_NOT_STARTED({})
      return urlOf(clusterPassword(stateDir), port, name)
    },
    get pid() {
      return server?.child.pid
    },
    async start() {
      if (server) return
      const account = accountForServer()
      const distribution = findDistribution(account, sharedFolder)
      const folder = clusterFolder(stateDir, account)
      const passwordLost = !existsSync(passwordFile(stateDir))
      const password = clusterPassword(stateDir)
      await clearLeftovers(folder)
      port = await freePort(port)
      ensureCluster({
        folder,
        password,
        passwordLost,
        distribution,
        account,
        durable,
        settings: initialSettings,
      })
      claimFolder(folder)
      const settings = {
        ...pinnedSettings,
        ...(durable ? {} : looseSettings),
        ...options.settings,
        port: String(port),
      }
      const started = await startServer({
        program: join(distribution.folder, 'bin', 'postgres'),
        folder,
        logFile: join(stateDir, 'postgres.log'),
        settings,
        spawnOptions: identity(account),
        port,
      })
      server = started
      started.child.once('exit', (code, signal) => {
        if (server !== started) return
        server = undefined
        started.guard.kill('SIGKILL')
        const reason = `PostgreSQL ended by itself (${signal ?? `exit code ${code}`})`
        serverState.emit(() => ({ state: 'died', detail: reason }))
        options.onExit?.(reason)
      })
      try {
        await ensureDatabase(urlOf(password, port, 'postgres'), name)
      } catch (error) {
        await service.stop()
        throw error
      }
      serverState.emit(() => ({ state: 'started', detail: `127.0.0.1:${port}` }))
    },
    async stop() {
      const stopping = server
      if (!stopping) return
      server = undefined
      stopping.guard.kill('SIGKILL')
      if (stopping.child.exitCode === null && stopping.child.signalCode === null && stopping.child.pid) {
        await stopServer(stopping.child.pid)
        await stopping.exited
      }
      releaseFolder(stopping.folder)
      serverState.emit(() => ({ state: 'stopped', detail: `127.0.0.1:${port}` }))
    },
  }
  return service
}

interface RunningServer {
  readonly child: ChildProcess
  readonly guard: ChildProcess
  readonly folder: string
  readonly exited: Promise<unknown>
}

async function startServer(options: {
  program: string
  folder: string
  logFile: string
  settings: Readonly<Record<string, string>>
  spawnOptions: { uid?: number; gid?: number }
  port: number
}): Promise<RunningServer> {
  const { folder, logFile } = options
  if (existsSync(logFile) && statSync(logFile).size > largestLogBytes) truncateSync(logFile)
  // The log is opened by us and handed over: the server's account may not be able to reach the file.
  const log = openSync(logFile, 'a', 0o600)
  const logStart = statSync(logFile).size
  const child = spawn(
    options.program,
    ['-D', folder, ...Object.entries(options.settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    {
      cwd: '/',
      env: serverEnvironment(),
      stdio: ['ignore', log, log],
      // A process group of its own: Ctrl-C must reach the supervisor only, which drains before it stops us.
      detached: true,
      ...options.spawnOptions,
    },
  )
  closeSync(log)
  const ended = new Promise<Error | undefined>(done => {
    child.once('error', done)
    child.once('exit', () => done(undefined))
  })
  let cause: Error | undefined
  let over = false
  void ended.then(error => {
    cause = error
    over = true
  })

  const until = performance.now() + startTimeoutMs
  while (!over && performance.now() < until) {
    if (isReady(folder, child.pid))
      return { child, guard: guardServer(child.pid as number), folder, exited: ended }
    await delay(20)
  }
  if (!over && child.pid) await stopServer(child.pid)
  releaseFolder(folder)
  const said = readFileSync(logFile, 'utf8').slice(logStart).trim()
  if (/could not bind/.test(said)) throw errors.DATA_PORT_TAKEN({ port: options.port }, { cause })
  throw errors.DATA_EMBEDDED_FAILED(
    { step: 'start', log: said.slice(-2_000) || String(cause ?? 'nothing') },
    { cause },
  )
}

/** The eighth line of postmaster.pid is the server's state; this is how pg_ctl waits, too. */
function isReady(folder: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready'
  } catch {
    return false
  }
}

/**
 * A shell that waits for the end of its input, which comes when this process dies in whatever way, and then
 * stops the server. Without it, a server would outlive a supervisor killed by -9.
 */
function guardServer(pid: number): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'quintet-postgres-guard', String(pid)], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.on('error', () => {})
  guard.stdin?.on('error', () => {})
  return guard
}

/** Checks that the port is free, or finds a free one. */
function freePort(port: number): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', (cause: NodeJS.ErrnoException) =>
      fail(cause.code === 'EADDRINUSE' ? errors.DATA_PORT_TAKEN({ port }, { cause }) : cause),
    )
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' && address ? address.port : port))
    })
  })
}

async function ensureDatabase(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [name])
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  } finally {
    await client.end()
  }
}

function urlOf(password: string, port: number, name: string): string {
  return `postgres://${superuser}:${password}@127.0.0.1:${port}/${encodeURIComponent(name)}`
}
