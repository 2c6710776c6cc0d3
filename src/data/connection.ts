import type pg from 'pg'
import type { QuintetError } from '../core/index.ts'
import { errors } from './errors.ts'

/**
 * Session settings that decide how values are written as text. The pool's connections and the replication
 * connection share them: what a query read is compared with what the log says changed, text with text.
 */
const pinned: Readonly<Record<string, string>> = {
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
}

/** What `pg` needs to connect to the URL with the pinned settings and further ones. */
export function connectionConfig(url: string, more: Readonly<Record<string, string>> = {}): pg.ClientConfig {
  const parsed = parseUrl(url)
  // `options` of the URL come first, so that ours win.
  const own = parsed.searchParams.get('options')
  parsed.searchParams.delete('options')
  const ours = Object.entries({ ...pinned, ...more }).map(
    ([name, value]) => `-c ${name}=${escapeOption(value)}`,
  )
  return {
    connectionString: parsed.href,
    options: [...(own ? [own] : []), ...ours].join(' '),
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  }
}

/** In the startup packet's `options`, spaces separate arguments and a backslash escapes. */
function escapeOption(value: string): string {
  return value.replace(/[\\ ]/g, character => `\\${character}`)
}

const refusals = new Set(['28000', '28P01', '3D000', '53300', '57P03'])

/** True for errors that mean "no connection", as opposed to a statement that failed. */
export function isConnectFailure(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? ''
  return (
    refusals.has(code) ||
    /^E[A-Z_]+$/.test(code) ||
    /timeout expired|connection timeout|terminated unexpectedly|SSL/.test(String((error as Error).message))
  )
}

/** DATA_UNREACHABLE for the URL, with the password left out. */
export function unreachable(url: string, origin: string | undefined, cause: unknown): QuintetError {
  const { hostname, port, searchParams } = parseUrl(url)
  const host = hostname || searchParams.get('host') || 'localhost'
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause
  const reason = inner instanceof Error ? inner.message : String(inner)
  return errors.DATA_UNREACHABLE({ host, port: Number(port) || 5432, origin, reason }, { cause })
}

function parseUrl(url: string): URL {
  // URL's own error carries its input, and that the password.
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) throw errors.DATA_URL({})
  return parsed
}
