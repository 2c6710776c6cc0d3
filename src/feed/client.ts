import { connect, type Socket } from 'node:net'
import { type Clock, type Service, systemClock } from '../core/index.ts'
import { parseLsn } from '../data/index.ts'
import { Follower } from './follower.ts'
import { framePosition, LineSplitter, readTransaction, type ServerFrame, writeFrame } from './frame.ts'
import { Pinger } from './pinger.ts'
import * as signals from './signals.ts'
import type { LogLimits } from './transactionLog.ts'
import type { FeedView } from './view.ts'

export interface FeedClientOptions {
  /** Where a feed server listens, now or later. */
  readonly socketPath: string
  /** How old the last answered ping may be for `fresh()`, in milliseconds. Default 300. */
  readonly freshnessMs?: number
  readonly clock?: Clock
  /** What this process remembers for `since`. */
  readonly logLimits?: Partial<LogLimits>
  /** How long `start` waits for the first position before it resolves without one, in milliseconds. Default 2,000. */
  readonly joinTimeoutMs?: number
}

/** A feed followed from another process. */
export interface FeedClient extends FeedView, Service {}

const firstRetryMs = 20
const longestRetryMs = 500

/**
 * Follows a feed server. `start` resolves once joined, or after `joinTimeoutMs` without: a late feed is no error,
 * it only means that nothing is cached meanwhile. A lost connection is made again; if the server remembers
 * everything since this client's position, it resumes there with all entries kept, otherwise it resets.
 */
export function createFeedClient(options: FeedClientOptions): FeedClient {
  const follower = new Follower(options.logLimits)
  const clock = options.clock ?? systemClock
  const pinger = new Pinger({ freshnessMs: options.freshnessMs ?? 300, clock }, id =>
    socket?.write(writeFrame({ type: 'ping', id })),
  )
  let socket: Socket | undefined
  let retryMs = firstRetryMs
  let retryTimer: NodeJS.Timeout | undefined
  let stopped = true

  function open(): void {
    const opened = connect(options.socketPath)
    const lines = new LineSplitter()
    socket = opened
    opened.setEncoding('utf8')
    opened.on('error', () => {})
    opened.on('connect', () =>
      opened.write(writeFrame({ type: 'join', since: framePosition.write(follower.position) })),
    )
    opened.on('data', (chunk: string) => {
      try {
        for (const line of lines.push(chunk)) {
          if (socket !== opened) return
          take(JSON.parse(line) as ServerFrame, line.length)
        }
      } catch (error) {
        // Not understood, or a listener failed: from here on this process may have missed something.
        begin(null, `the feed could not be followed: ${String(error)}`)
        opened.destroy()
      }
    })
    opened.on('close', () => {
      if (socket !== opened) return
      socket = undefined
      pinger.close()
      if (stopped) return
      retryTimer = setTimeout(open, retryMs)
      retryMs = Math.min(retryMs * 2, longestRetryMs)
    })
  }

  function take(frame: ServerFrame, bytes: number): void {
    switch (frame.type) {
      case 'hello':
        retryMs = firstRetryMs
        if (frame.resumed) pinger.open()
        else begin(frame.position, 'the feed does not remember everything since this process left')
        break
      case 'transaction':
        if (follower.position) follower.apply(readTransaction(frame, follower.position.epoch), bytes)
        break
      case 'position':
        follower.advance(parseLsn(frame.lsn))
        break
      case 'reset':
        begin(frame.position, frame.reason)
        break
      case 'pong':
        pinger.answer(frame.id, frame.ok)
        break
    }
  }

  function begin(positionText: string | null, reason: string): void {
    pinger.close()
    pinger.lose()
    const position = framePosition.read(positionText)
    if (follower.position) signals.reset.emit(() => ({ reason }))
    follower.begin(position, reason)
    if (position) pinger.open()
  }

  return {
    name: 'feed client',
    start() {
      stopped = false
      retryMs = firstRetryMs
      return new Promise(resolve => {
        const done = (): void => {
          clearTimeout(timer)
          stopListening()
          resolve()
        }
        const timer = setTimeout(done, options.joinTimeoutMs ?? 2_000)
        const stopListening = follower.onBegin(() => {
          if (follower.position) done()
        })
        open()
      })
    },
    async stop() {
      stopped = true
      clearTimeout(retryTimer)
      const closing = socket
      socket = undefined
      pinger.stop()
      follower.begin(null, 'the feed client stopped')
      follower.stop()
      closing?.destroy()
    },
    get position() {
      return follower.position
    },
    fresh: () => follower.position !== null && pinger.fresh(),
    since: position => follower.since(position),
    reached: (target, timeoutMs) => follower.reached(target, timeoutMs),
    barrier: timeoutMs => pinger.barrier(timeoutMs),
    onTransaction: listener => follower.onTransaction(listener),
    onReset: listener => follower.onReset(listener),
  }
}
