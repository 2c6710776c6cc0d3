import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { connectionConfig, unreachable } from './connection.ts'

/** A connection to PostgreSQL's log: it understands replication commands (`CREATE_REPLICATION_SLOT …`) and simple queries. */
export interface ReplicationConnection {
  /** Runs one replication command or SQL statement in the simple protocol; values come as PostgreSQL's text. */
  query(text: string): Promise<Record<string, string | null>[]>
  /**
   * Runs `START_REPLICATION …` and hands over each message of the stream, `w` and `k` bytes included. The buffer
   * is valid during the call only: copy what is kept. No `query` may follow.
   */
  start(text: string, onMessage: (message: Buffer) => void): Promise<void>
  /** Sends a message up the stream, such as a standby status update. */
  send(message: Buffer): void
  /** Stops and resumes reading from the socket, which in time holds the sender back. */
  pause(): void
  resume(): void
  /** Ends the connection; a temporary slot goes with it. Safe to call twice. */
  close(): Promise<void>
  /** Called once when the connection is over: with the error, or without one after `close`. */
  onClose(listener: (error?: Error) => void): () => void
}

/** What we use of `pg` beyond its declared types. */
interface Wire {
  readonly stream: { destroy(error?: Error): void; pause(): void; resume(): void }
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  end(): void
  once(event: 'replicationStart', listener: () => void): void
}

const closeTimeoutMs = 2_000

/** Connects in replication mode. Throws DATA_UNREACHABLE. `origin` says where the URL was set, for the error. */
export async function openReplication(
  url: string,
  options: { origin?: string; applicationName?: string } = {},
): Promise<ReplicationConnection> {
  const config = {
    ...connectionConfig(url, { statement_timeout: '0' }),
    application_name: options.applicationName ?? 'quintet-feed',
    replication: 'database',
    // Everything as text: the feed compares wire text.
    types: { getTypeParser: () => (value: string) => value },
  }
  const client = new pg.Client(config as pg.ClientConfig)
  const wire = (client as unknown as { connection: Wire }).connection
  const listeners = new Set<(error?: Error) => void>()
  let over: { error?: Error } | undefined
  let closing = false
  const end = (error?: Error): void => {
    if (over) return
    over = closing ? {} : { error: error ?? new Error('The replication connection ended.') }
    for (const listener of listeners) listener(over.error)
    listeners.clear()
  }
  const ended = new Promise<void>(done => client.once('end', () => done()))
  client.on('error', error => {
    end(error)
    wire.stream.destroy()
  })
  client.once('end', () => end())

  try {
    await client.connect()
  } catch (cause) {
    throw unreachable(url, options.origin, cause)
  }

  return {
    async query(text) {
      const result = await client.query(text)
      return result.rows
    },
    start(text, onMessage) {
      return new Promise((started, fail) => {
        wire.once('replicationStart', () => started())
        const stream = {
          submit: () => wire.query(text),
          handleCopyData: (message: { chunk: Buffer }) => onMessage(message.chunk),
          handleError(error: Error) {
            fail(error)
            end(error)
            wire.stream.destroy()
          },
          // The server ends the stream by itself when it shuts down or the slot's database goes.
          handleCommandComplete: () => end(new Error('The server ended the replication stream.')),
          handleReadyForQuery: () => {},
          handleRowDescription: () => {},
          handleDataRow: () => {},
          handleEmptyQuery: () => {},
        }
        client.query(stream as unknown as pg.Submittable)
      })
    },
    send: message => wire.sendCopyFromChunk(message),
    pause: () => wire.stream.pause(),
    resume: () => wire.stream.resume(),
    async close() {
      closing = true
      if (over) return void wire.stream.destroy()
      // Not client.end(): it would cut the socket, and the server would only notice, and drop the slot, later.
      wire.end()
      await Promise.race([ended, delay(closeTimeoutMs, undefined, { ref: false })])
      wire.stream.destroy()
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
