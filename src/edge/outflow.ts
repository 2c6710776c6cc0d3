import type { Readable } from 'node:stream'
import { errors } from './errors.ts'
import { breakOff, type EdgeResponse, isGone } from './respond.ts'

/** Read ahead of one client, so that a worker is done with a body of usual size whatever its reader does. */
const aheadBytes = 1024 * 1024
/** While all clients together are this far behind, each is read ahead of by little only. */
const mostAheadBytes = 64 * 1024 * 1024
const littleBytes = 64 * 1024
/** Of the bodies that still hold a worker's connection, half of what one worker has. Past it slow readers are cut. */
const mostHolding = 128
/** Nobody is cut sooner. */
const leastStallMs = 1_000

/**
 * Sends workers' bodies to clients as fast as these read. A client that reads slowly holds the worker's connection
 * only where the body is larger than what is read ahead; one that reads nothing at all for `stallMs` is cut off, and
 * so are the most stalled ones, after a second, while too many bodies hold a connection.
 */
export interface Outflow {
  /** Resolves when the client has been handed everything; rejects when either side broke off, both are closed then. */
  send(body: Readable, response: EdgeResponse): Promise<void>
}

interface Flow {
  /** When the client stopped reading; undefined while it reads, or has nothing to read. */
  blockedAt: number | undefined
  /** The worker has sent all. */
  ended: boolean
  cut(error: Error): void
}

export function createOutflow({ stallMs }: { stallMs: number }): Outflow {
  const flows = new Set<Flow>()
  let ahead = 0
  let sweeping: NodeJS.Timeout | undefined

  function sweep(): void {
    const now = performance.now()
    const blocked = [...flows]
      .filter(flow => flow.blockedAt !== undefined)
      .sort((a, b) => (a.blockedAt as number) - (b.blockedAt as number))
    let excess = [...flows].filter(flow => !flow.ended).length - mostHolding
    for (const flow of blocked) {
      const stalledMs = now - (flow.blockedAt as number)
      const isInTheWay = excess > 0 && !flow.ended && stalledMs >= leastStallMs
      if (stalledMs < stallMs && !isInTheWay) continue
      if (!flow.ended) excess--
      flow.cut(errors.EDGE_CLIENT_STALLED({ stalledMs: Math.round(stalledMs) }))
    }
  }

  function watch(flow: Flow): void {
    flows.add(flow)
    sweeping ??= setInterval(sweep, Math.min(leastStallMs, stallMs / 2)).unref()
  }

  function unwatch(flow: Flow): void {
    flows.delete(flow)
    if (flows.size > 0) return
    clearInterval(sweeping)
    sweeping = undefined
  }

  return {
    send: (body, response) =>
      new Promise((resolve, reject) => {
        const waiting: Buffer[] = []
        let size = 0
        let done = false
        const flow: Flow = { blockedAt: undefined, ended: false, cut: error => finish(error) }
        const writable = response as NodeJS.WritableStream

        function finish(error?: Error): void {
          if (done) return
          done = true
          unwatch(flow)
          ahead -= size
          waiting.length = 0
          if (!error) {
            response.end()
            resolve()
            return
          }
          body.destroy()
          breakOff(response)
          reject(error)
        }

        function flush(): void {
          while (!done && flow.blockedAt === undefined && waiting.length > 0) {
            const chunk = waiting.shift() as Buffer
            size -= chunk.length
            ahead -= chunk.length
            if (!writable.write(chunk)) flow.blockedAt = performance.now()
          }
          if (done) return
          if (flow.ended && waiting.length === 0) finish()
          else if (size < (ahead > mostAheadBytes ? littleBytes : aheadBytes)) body.resume()
          else body.pause()
        }

        watch(flow)
        response.on('drain', () => {
          flow.blockedAt = undefined
          flush()
        })
        response.on('close', () => finish(errors.EDGE_CLIENT_GONE({})))
        body.on('data', (chunk: Buffer) => {
          if (done) return
          waiting.push(chunk)
          size += chunk.length
          ahead += chunk.length
          flush()
        })
        body.on('end', () => {
          flow.ended = true
          flush()
        })
        body.on('error', finish)
        body.on('close', () => {
          if (!flow.ended) finish(errors.EDGE_UPSTREAM_FAILED({ reason: 'closed' }))
        })
        if (isGone(response)) finish(errors.EDGE_CLIENT_GONE({}))
      }),
  }
}
