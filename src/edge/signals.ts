import { signal } from '../core/index.ts'

/** A request was answered. */
export const requestAnswered = signal<{
  readonly requestId: string
  readonly method: string
  readonly host: string
  /** Raw path and query. */
  readonly url: string
  readonly address: string
  readonly protocol: 'http' | 'https'
  readonly status: number
  /** The value of `Cache-Status`. */
  readonly cache: string
  readonly durationMs: number
}>('edge.answered')

/** A request failed for a reason of ours: no worker, a time-out, a worker that died. */
export const requestFailed = signal<{
  readonly requestId: string
  readonly url: string
  readonly error: unknown
}>('edge.failed')

/** A listener could not accept a connection, and goes on. */
export const listenerFailed = signal<{ readonly scheme: 'http' | 'https'; readonly error: unknown }>(
  'edge.listenerFailed',
)
