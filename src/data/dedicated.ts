import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { connectionConfig, unreachable } from './connection.ts'

/** An ordinary connection that keeps one server session for its whole life, unlike a pool's. */
export interface DedicatedConnection {
  /** The server process behind it. */
  readonly processId: number
  /** Runs one statement in the simple protocol, after those asked before; values come as PostgreSQL's text. */
  query(text: string): Promise<Record<string, string | null>[]>
  /** Safe to call twice. */
  close(): Promise<void>
  /** Called once when the connection is over: with the error, or without one after `close`. */
  onClose(listener: (error?: Error) => void): () => void
}

const closeTimeoutMs = 2_000

/**
 * Connects outside of any pool, with the pinned settings and no time-outs. Its own commits wait for the local disk
 * only, never for a standby. Throws DATA_UNREACHABLE. `origin` says where the URL was set, for the error.
 */
export async function openDedicated(
  url: string,
  options: { origin?: string; applicationName?: string } = {},
): Promise<DedicatedConnection> {
  const client = new pg.Client({
    ...connectionConfig(url, {
      statement_timeout: '0',
      lock_timeout: '0',
      idle_session_timeout: '0',
      default_transaction_read_only: 'off',
      synchronous_commit: 'local',
    }),
    application_name: options.applicationName ?? 'quintet',
    types: { getTypeParser: () => (value: string) => value },
  } as pg.ClientConfig)
  const listeners = new Set<(error?: Error) => void>()
  let over: { error?: Error } | undefined
  let closing = false
  let turn: Promise<unknown> = Promise.resolve()
  const end = (error?: Error): void => {
    if (over) return
    over = closing ? {} : { error: error ?? new Error('The connection ended.') }
    for (const listener of listeners) listener(over.error)
    listeners.clear()
  }
  const stream = (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
  client.on('error', error => {
    end(error)
    stream.destroy()
  })
  client.once('end', () => end())

  try {
    await client.connect()
  } catch (cause) {
    throw unreachable(url, options.origin, cause)
  }

  return {
    processId: (client as unknown as { processID: number }).processID,
    query(text) {
      // pg takes one query at a time; the next goes out when this one has ended, however it ended.
      const result = turn.then(() => client.query(text))
      turn = result.catch(() => {})
      return result.then(({ rows }) => rows)
    },
    async close() {
      closing = true
      if (!over) await Promise.race([client.end(), delay(closeTimeoutMs, undefined, { ref: false })])
      stream.destroy()
      end()
    },
    onClose(listener) {
      if (over) {
        const { error } = over
        queueMicrotask(() => listener(error))
      } else listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
