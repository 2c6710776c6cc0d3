import { type ChildProcess, fork } from 'node:child_process'
import { type Clock, systemClock } from '../core/index.ts'
import { errors } from './errors.ts'
import { signals } from './signals.ts'

/** What children and supervisor say to each other over IPC. */
export type ToChild = { type: 'drain' } | { type: 'socket'; name: 'http' | 'https' }
export type FromChild = { type: 'ready' } | { type: 'failed' }

export interface ChildOptions {
  /** Shown in the table and the log: `edge`, `app-1`, `feed`. */
  readonly name: string
  /** The program and its arguments. */
  readonly script: string
  readonly args: readonly string[]
  readonly execArgv: readonly string[]
  /** Called with each new process, before it is ready; the place to hand it sockets. */
  readonly onSpawn?: (child: ChildProcess) => void
  /** Called when it stopped too often without becoming ready. */
  readonly onCrashLoop: (error: Error) => void
  readonly clock?: Clock
}

export interface Supervised {
  readonly name: string
  readonly pid: number | undefined
  readonly state: 'starting' | 'ready' | 'restarting' | 'stopped'
  readonly restarts: number
  /** Wall-clock milliseconds since the Unix epoch of the last state change. */
  readonly since: number
  /** Starts the process; resolves once it has said that it is ready, rejects if it ends before. */
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
 * A process that was ready starts again at once; one that ends before it is ready waits 50 ms, doubling up to 5 s,
 * and after six such ends in a row it is left stopped and `onCrashLoop` is told.
 */
export function supervise(options: ChildOptions): Supervised {
  const clock = options.clock ?? systemClock
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
    become('starting')
    const started = fork(options.script, [...options.args], {
      execArgv: [...options.execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    child = started
    options.onSpawn?.(started)
    return new Promise((resolve, reject) => {
      started.on('message', message => {
        if ((message as FromChild).type !== 'ready' || state !== 'starting') return
        crashes = 0
        become('ready')
        signals.childReady.emit(() => ({ name: options.name, pid: started.pid ?? 0, restarts }))
        resolve()
      })
      started.once('exit', (code, signal) => {
        if (child === started) child = undefined
        const last = signal ? `signal ${signal}` : `exit code ${code}`
        if (state === 'stopped')
          return reject(errors.SERVE_CRASH_LOOP({ name: options.name, crashes: 0, last }))
        signals.childEnded.emit(() => ({
          name: options.name,
          pid: started.pid ?? 0,
          last,
          wasReady: state === 'ready',
        }))
        const firstStart = restarts === 0 && state === 'starting'
        again(last)
        // Only the first start is awaited by anybody; what the supervisor restarts has no caller to tell.
        if (firstStart) reject(errors.SERVE_CRASH_LOOP({ name: options.name, crashes: 1, last }))
      })
      started.once('error', reject)
    })
  }

  function again(last: string): void {
    const wasReady = state === 'ready'
    crashes = wasReady ? 0 : crashes + 1
    if (crashes >= crashesAllowed) {
      become('stopped')
      options.onCrashLoop(errors.SERVE_CRASH_LOOP({ name: options.name, crashes, last }))
      return
    }
    become('restarting')
    restarts += 1
    const delayMs = wasReady ? 0 : Math.min(longestDelayMs, firstDelayMs * 2 ** crashes)
    retry = setTimeout(() => void spawn().catch(() => {}), delayMs)
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
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
      const ended = new Promise<void>(resolve => ending.once('exit', () => resolve()))
      if (ending.connected) ending.send({ type: 'drain' } satisfies ToChild, () => {})
      else ending.kill('SIGTERM')
      const force = setTimeout(() => ending.kill('SIGKILL'), graceMs)
      await ended
      clearTimeout(force)
    },
  }
}
