import type { Logger } from 'pino'
import { nearest } from '../core/index.ts'
import { createLogger, logSignals } from '../observe/index.ts'
import type { Settings } from '../settings/index.ts'
import { errors } from './errors.ts'
import { type RunningRole, serveUntilTold } from './role.ts'

/** What each role does in its process; imported only where it runs, so that an edge never loads the app. */
const roles: Readonly<
  Record<string, (settings: Settings, log: Logger, index: number) => Promise<RunningRole>>
> = {
  edge: async settings => (await import('./roles/edge.ts')).startEdge(settings),
  app: async (settings, log, index) => (await import('./roles/app.ts')).startApp(settings, log, index),
  feed: async settings => (await import('./roles/feed.ts')).startFeed(settings),
  prepare: async settings => (await import('./roles/prepare.ts')).prepare(settings),
}

/** Runs one role in this process until it is told to stop. Throws SERVE_ROLE_UNKNOWN, or what the role throws at its start. */
export async function runRole(role: string, settings: Settings, options: { index: number }): Promise<void> {
  const start = roles[role]
  if (!start) {
    const known = Object.keys(roles)
    throw errors.SERVE_ROLE_UNKNOWN({ role, known: known.join(', '), nearest: nearest(role, known) })
  }
  const name = role === 'app' ? `app-${options.index}` : role
  const log = createLogger(settings.log, name)
  const stopLogging = logSignals(log)
  try {
    await serveUntilTold(await start(settings, log, options.index))
  } catch (error) {
    // What a failed start left open (a pool, a socket) must not keep the process, and its supervisor, waiting.
    setTimeout(() => process.exit(), 250).unref()
    throw error
  }
  stopLogging()
}
