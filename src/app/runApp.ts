import type { FastifyRequest } from 'fastify'
import { parseDuration, systemClock } from '../core/index.ts'
import { runRecorded } from '../reads/index.ts'
import type { ActingContext } from './context.ts'
import { quietLog } from './log.ts'
import { whileRendering } from './rendering.ts'
import { createContext } from './requestContext.ts'
import type { Services } from './services.ts'

/** Runs the app's code for a request: what it reads is recorded, and what it may do with the clock is known. */
export function runApp<T>(
  request: FastifyRequest,
  services: Services,
  options: { speaks: 'html' | 'json'; maxAge?: string | number | undefined; cache?: boolean },
  run: (context: ActingContext) => Promise<T>,
): Promise<T> {
  const { recorder } = request.exchange
  request.exchange.ranApp = true
  const log = quietLog(services.log.child({ requestId: request.id }))
  const maxAgeMs = options.maxAge === undefined ? undefined : parseDuration(options.maxAge)
  if (maxAgeMs !== undefined) {
    recorder.endsAt(systemClock.now() + maxAgeMs)
    recorder.allowAge()
  }
  if (options.cache === false) recorder.veto('cache: false')
  const context = createContext(request, services, log, options.speaks)
  return runRecorded(recorder, () =>
    whileRendering({ recorder, log, maxAgeMs, shared: services.shared }, () => run(context)),
  )
}
