import type { Log } from './context.ts'
import { currentRendering, outsideRendering } from './rendering.ts'

let root: Log | undefined

/** Where {@link log} writes outside of requests from now on. */
export function useLogger(logger: Log): void {
  root = logger
}

/** Writes without counting as a read of the clock. */
export function quietLog(logger: Log): Log {
  const write =
    (level: keyof Log) =>
    (...args: unknown[]): void =>
      outsideRendering(() => (logger[level] as (...args: unknown[]) => void)(...args))
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') } as Log
}

/**
 * The app's logger, also outside of contexts: in a request its lines carry the request's id.
 *
 * ```ts
 * log.info({ articleId: article.id }, 'published')
 * ```
 */
export const log: Log = {
  debug: (...args: unknown[]) => forward('debug', args),
  info: (...args: unknown[]) => forward('info', args),
  warn: (...args: unknown[]) => forward('warn', args),
  error: (...args: unknown[]) => forward('error', args),
} as Log

function forward(level: keyof Log, args: unknown[]): void {
  const target = currentRendering()?.log ?? root
  if (target) (target[level] as (...args: unknown[]) => void)(...args)
}
