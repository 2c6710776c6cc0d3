import { once } from 'node:events'
import { createLogger, logSignals } from '../observe/index.ts'
import type { Settings } from '../settings/index.ts'
import { askControl } from './control.ts'
import { controlSockets } from './controlSockets.ts'
import { type Band, type BandStatus, startBand } from './supervisor.ts'

export interface UpOptions {
  /** Passed on to every role's process. */
  readonly args: readonly string[]
  readonly print: (line: string) => void
  /** Says what runs where, once it does. */
  readonly onReady: (ports: { readonly http: number; readonly https: number }, tookMs: number) => void
}

/** Brings the whole architecture up, and stays until Ctrl-C, SIGTERM or a process that can't be kept alive; told earlier, it stops what has started. */
export async function up(settings: Settings, { args, print, onReady }: UpOptions): Promise<void> {
  const startedAt = performance.now()
  const stopLogging = logSignals(createLogger(settings.log, 'supervisor'))
  const told = new AbortController()
  const stop = (): void => told.abort()
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  print('Starting …')
  let band: Band | undefined
  try {
    band = await startBand(settings, { args, signal: told.signal })
    onReady({ http: band.httpPort, https: band.httpsPort }, performance.now() - startedAt)
    if (!told.signal.aborted) await Promise.race([once(told.signal, 'abort'), band.ended])
  } catch (error) {
    if (!told.signal.aborted) throw error
  } finally {
    print('Stopping …')
    await band?.stop()
    stopLogging()
  }
}

/** What runs. Throws SERVE_NOT_RUNNING. */
export async function status(settings: Settings): Promise<BandStatus> {
  return (await askControl(controlSockets(settings).supervisor, '/status')) as BandStatus
}
