import { type ChildProcess, fork } from 'node:child_process'
import { type Clock, systemClock } from '../core/index.ts'
import { errors } from './errors.ts'
import { signals } from './signals.ts'

/** What children and supervisor say to each other over IPC. */
export type ToChild = { type: 'drain' } | { type: 'socket'; name: 'http' | 'https' }
export type FromChild = { type: 'ready' }

export interface ChildOptions {
  /** Shown in the table and the log: `edge`, `app-1`, `feed`. */
  readonly name: string
  /** The program and its arguments. */
  readonly script: string
  readonly args: readonly string[]
  readonly execArgv: readonly string[]
  /** Default: the Node that runs this process. */
  readonly execPath?: string
  /** Called with each new process, before it is ready; the place to hand it sockets. */
  readonly onSpawn?: (child: ChildProcess) => void
  /** Called when it ended too often, too soon. */
  readonly onCrashLoop: (error: Error) => void
  /** How long it may take to become ready, in milliseconds; then it is ended. Default 60,000. */
  readonly startTimeoutMs?: number
  /** Alive this long after it was ready, it counts as well again. Default 10,000. */
  readonly stableMs?: number
  readonly clock?: Clock
}

export interface Supervised {
  readonly name: string
  readonly pid: number | undefined
  readonly state: 'starting' | 'ready' | 'restarting' | 'stopped'
  readonly restarts: number
  /** Wall-clock milliseconds since the Unix epoch of the last state change. */
  readonly since: number
  /** Starts the process; resolves once it has said that it is ready, rejects if it ends or is stopped before. */
  start(): Promise<void>
  /** Asks it to drain, then ends it after `graceMs`. */
  stop(graceMs: number): Promise<void>
}

const firstDelayMs = 50
const longestDelayMs = 5_000
const crashesAllowed = 6

/**
 * Keeps one child process alive.
 *
 * starting → ready (it said so) → restarting (it ended) → starting …; any → stopped (we ended it).
 * What was ready for `stableMs` starts again at once. An end sooner than that is a crash: the first after being
 * ready restarts at once too, then it waits 50 ms, doubling up to 5 s, and after six crashes in a row it is left
 * stopped and `onCrashLoop` is told.
 */
export function supervise(options: ChildOptions): Supervised {
  const { startTimeoutMs = 60_000, stableMs = 10_000, clock = systemClock } = options
  let child: ChildProcess | undefined
  let state: Supervised['state'] = 'stopped'
  let since = clock.now()
  let restarts = 0
  let crashes = 0
  let retry: NodeJS.Timeout | undefined

  const become = (next: Supervised['state']): void => {
    state = next
    since = clock.now()
  }

  function spawn(): Promise<void> {
    const isFirst = restarts === 0
    become('starting')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const started = fork(options.script, [...options.args], {
      execArgv: [...options.execArgv],
      execPath: options.execPath ?? process.execPath,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child = started
    let tooLate = false
    const limit = setTimeout(() => {
      tooLate = true
      started.kill('SIGKILL')
    }, startTimeoutMs)

    let hasEnded = false
    const ended = (last: string): void => {
      if (hasEnded) return
      hasEnded = true
      clearTimeout(limit)
      if (child === started) child = undefined
      if (state === 'stopped') {
        reject(errors.SERVE_STOPPED({ name: options.name }))
        return
      }
      signals.childEnded.emit(() => ({
        name: options.name,
        pid: started.pid ?? 0,
        last,
        wasReady: state === 'ready',
      }))
      again(last)
      // Only the first start is awaited by anybody; what the supervisor restarts has no caller to tell.
      if (isFirst) reject(errors.SERVE_CRASH_LOOP({ name: options.name, crashes: 1, last }))
    }
    started.on('message', message => {
      if ((message as FromChild).type !== 'ready' || state !== 'starting') return
      clearTimeout(limit)
      become('ready')
      signals.childReady.emit(() => ({ name: options.name, pid: started.pid ?? 0, restarts }))
      resolve()
    })
    started.once('exit', (code, signal) =>
      ended(
        tooLate ? `not ready within ${startTimeoutMs} ms` : signal ? `signal ${signal}` : `exit code ${code}`,
      ),
    )
    // A process that could not be made at all has no exit; one that is there goes on to its own.
    started.on('error', error => started.pid === undefined && ended(error.message))
    options.onSpawn?.(started)
    return promise
  }

  function again(last: string): void {
    const wasReady = state === 'ready'
    const isStable = wasReady && clock.now() - since >= stableMs
    crashes = isStable ? 0 : crashes + 1
    if (crashes >= crashesAllowed) {
      become('stopped')
      options.onCrashLoop(errors.SERVE_CRASH_LOOP({ name: options.name, crashes, last }))
      return
    }
    become('restarting')
    restarts += 1
    const isFirstCrash = wasReady && crashes <= 1
    const delayMs = isFirstCrash ? 0 : Math.min(longestDelayMs, firstDelayMs * 2 ** crashes)
    retry = setTimeout(() => {
      try {
        spawn().catch(() => {})
      } catch (error) {
        again((error as Error).message) // out of memory or of processes: perhaps not the next time
      }
    }, delayMs)
  }

  return {
    name: options.name,
    get pid() {
      return child?.pid
    },
    get state() {
      return state
    },
    get restarts() {
      return restarts
    },
    get since() {
      return since
    },
    start: spawn,
    async stop(graceMs) {
      become('stopped')
      clearTimeout(retry)
      const ending = child
      if (!ending?.pid || ending.exitCode !== null || ending.signalCode !== null) return
      const ended = new Promise<void>(resolve => ending.once('exit', () => resolve()))
      if (ending.connected) ending.send({ type: 'drain' } satisfies ToChild, () => {})
      else ending.kill('SIGTERM')
      const force = setTimeout(() => ending.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(force)
    },
  }
}
