import { createLogger, logSignals } from '../observe/index.ts'
import type { Settings } from '../settings/index.ts'
import { askControl } from './control.ts'
import { controlSockets } from './controlSockets.ts'
import { type BandStatus, startBand } from './supervisor.ts'

export interface UpOptions {
  /** Passed on to every role's process. */
  readonly args: readonly string[]
  readonly print: (line: string) => void
  /** Says what runs where, once it does. */
  readonly onReady: (ports: { readonly http: number; readonly https: number }, tookMs: number) => void
}

/** Brings the whole architecture up, prints what runs where, and stays until Ctrl-C, SIGTERM or a process that can't be kept alive. */
export async function up(settings: Settings, { args, print, onReady }: UpOptions): Promise<void> {
  const startedAt = performance.now()
  const stopLogging = logSignals(createLogger(settings.log, 'supervisor'))
  const told = Promise.withResolvers<void>()
  process.on('SIGINT', told.resolve)
  process.on('SIGTERM', told.resolve)
  print('Starting …')
  const band = await startBand(settings, { args })
  onReady({ http: band.httpPort, https: band.httpsPort }, performance.now() - startedAt)
  try {
    await Promise.race([told.promise, band.ended])
  } finally {
    print('Stopping …')
    await band.stop()
    stopLogging()
  }
}

/** What runs. Throws SERVE_NOT_RUNNING. */
export async function status(settings: Settings): Promise<BandStatus> {
  return (await askControl(controlSockets(settings).supervisor, '/status')) as BandStatus
}
