import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Service } from '../core/index.ts'
import { formatLsn } from '../data/index.ts'
import { errors } from './errors.ts'
import { type ClientFrame, framePosition, LineSplitter, transactionFrame, writeFrame } from './frame.ts'
import * as signals from './signals.ts'
import type { FeedSource } from './source.ts'

export interface FeedServerOptions {
  /** What may wait for a client that does not read; a client beyond it is dropped and joins anew. Default 16 MB. */
  readonly maxBufferedBytes?: number
  /** How long a ping may wait for its answer. Default 5,000. */
  readonly pingTimeoutMs?: number
}

/**
 * Hands the feed to other processes over a Unix socket (frames: `frame.ts`). A socket file left by a killed
 * process is replaced. `start` throws FEED_SOCKET_TAKEN if another feed answers there, FEED_SOCKET_UNUSABLE if
 * nothing can listen there. The source is not the server's: start and stop it beside.
 */
export function createFeedServer(
  source: FeedSource,
  socketPath: string,
  options: FeedServerOptions = {},
): Service {
  const maxBufferedBytes = options.maxBufferedBytes ?? 16 * 1024 ** 2
  const pingTimeoutMs = options.pingTimeoutMs ?? 5_000
  const sockets = new Set<Socket>()
  /** Those that have said hello; the others get nothing yet. */
  const joined = new Set<Socket>()
  /** A replay still on its way to a client; it does not count against the limit. */
  const replaying = new WeakMap<Socket, number>()
  const unsubscribe: (() => void)[] = []
  let server: Server | undefined

  const report = (event: 'joined' | 'resumed' | 'reset' | 'left' | 'tooSlow'): void =>
    signals.client.emit(() => ({ event, clients: joined.size }))

  function send(socket: Socket, text: string): void {
    if (socket.destroyed) return
    const waiting = socket.writableLength - (replaying.get(socket) ?? 0)
    if (waiting > 0 && waiting + text.length > maxBufferedBytes) {
      report('tooSlow')
      socket.destroy()
      return
    }
    socket.write(text)
  }

  function broadcast(text: string): void {
    for (const socket of joined) send(socket, text)
  }

  /** Says where the feed is, and tells again what the client missed, if all of it is remembered. */
  function join(socket: Socket, sinceText: string | null): void {
    const since = framePosition.read(sinceText)
    const missed = since && source.position ? source.since(since) : null
    const position = framePosition.write(source.position)
    const reach = framePosition.write(source.reach)
    joined.add(socket)
    report(missed ? 'resumed' : since ? 'reset' : 'joined')
    send(socket, writeFrame({ type: 'hello', resumed: missed !== null, position, reach }))
    if (!missed) return
    const frames = missed.map(transactionFrame)
    if (source.position) frames.push(positionFrame(source.position.lsn))
    const replay = Buffer.from(frames.join(''))
    replaying.set(socket, replay.length)
    socket.write(replay, () => replaying.delete(socket))
  }

  function positionFrame(lsn: bigint): string {
    return writeFrame({ type: 'position', lsn: formatLsn(lsn) })
  }

  async function ping(socket: Socket, id: number): Promise<void> {
    const ok = await source.barrier(pingTimeoutMs)
    // Whatever the barrier waited for was written by the listeners below before it resolved.
    send(socket, writeFrame({ type: 'pong', id, ok }))
  }

  function accept(socket: Socket): void {
    sockets.add(socket)
    const lines = new LineSplitter(1024 ** 2)
    socket.setEncoding('utf8')
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      if (joined.delete(socket)) report('left')
    })
    socket.on('data', (chunk: string) => {
      try {
        for (const line of lines.push(chunk)) {
          const frame = JSON.parse(line) as ClientFrame
          if (frame.type === 'join') join(socket, frame.since)
          else if (frame.type === 'ping') void ping(socket, frame.id)
        }
      } catch {
        socket.destroy()
      }
    })
  }

  return {
    name: 'feed server',
    async start() {
      server = await listen(socketPath, accept)
      unsubscribe.push(
        source.onTransaction(transaction => {
          if (joined.size > 0) broadcast(transactionFrame(transaction))
        }),
        source.onPosition(position => {
          if (joined.size > 0) broadcast(positionFrame(position.lsn))
        }),
        source.onBegin(reason => {
          broadcast(writeFrame({ type: 'reset', position: framePosition.write(source.position), reason }))
        }),
      )
    },
    async stop() {
      for (const stopListening of unsubscribe.splice(0)) stopListening()
      for (const socket of sockets) socket.destroy()
      const closing = server
      server = undefined
      if (closing) await new Promise<void>(resolve => closing.close(() => resolve()))
    },
  }
}

/** Listens on the path; a file that nobody answers on is removed first. */
async function listen(path: string, accept: (socket: Socket) => void): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const server = createServer(accept)
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(path, resolve)
      })
      // Rows go over this socket: nobody but this user may read them.
      chmodSync(path, 0o600)
      return server
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' || attempt > 1)
        throw errors.FEED_SOCKET_UNUSABLE({ path, reason: message }, { cause: error })
      if (await answers(path)) throw errors.FEED_SOCKET_TAKEN({ path })
      if (!lstatSync(path, { throwIfNoEntry: false })?.isSocket())
        throw errors.FEED_SOCKET_UNUSABLE({ path, reason: 'a file that is no socket is there' })
      rmSync(path, { force: true })
    }
  }
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}
