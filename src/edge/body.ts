import { Readable } from 'node:stream'
import { errors } from './errors.ts'
import type { EdgeRequest } from './inbound.ts'

export interface BodyLimits {
  /** Most bytes of one body. */
  readonly maxBytes: number
  /** How long a whole body may take to arrive. */
  readonly withinMs: number
}

/** Most bytes of all bodies that are being read or carried; one of the largest size always fits beside others. */
const mostHeldBytes = 256 * 1024 * 1024

/** A client's body, whole; undefined if it sent none. Call `release` when it is no longer needed. */
export interface HeldBody {
  readonly bytes: Buffer | undefined
  release(): void
}

/**
 * Reads clients' bodies whole, before a worker is bothered, so that a slow or vanishing client holds none. Throws
 * EDGE_BODY_TOO_LARGE, EDGE_BODY_TOO_SLOW, EDGE_BODIES_FULL, and EDGE_CLIENT_GONE where the client broke off.
 */
export type BodyReader = (request: Readable & EdgeRequest) => Promise<HeldBody>

export function createBodyReader({ maxBytes, withinMs }: BodyLimits): BodyReader {
  const budget = Math.max(mostHeldBytes, 4 * maxBytes)
  let held = 0

  return async request => {
    const declared = request.headers['content-length']
    if (declared !== undefined && Number(declared) > maxBytes) throw errors.EDGE_BODY_TOO_LARGE({ maxBytes })
    let size = 0
    const release = (): void => {
      held -= size
      size = 0
    }
    try {
      const chunks = await new Promise<Buffer[]>((resolve, reject) => {
        const read: Buffer[] = []
        const tooSlow = setTimeout(() => settle(errors.EDGE_BODY_TOO_SLOW({ withinMs })), withinMs)
        const settle = (error?: Error): void => {
          clearTimeout(tooSlow)
          request.off('data', take)
          if (error) {
            request.pause()
            reject(error)
          } else resolve(read)
        }
        const gone = (cause?: Error): void => settle(errors.EDGE_CLIENT_GONE({}, { cause }))
        const take = (chunk: Buffer): void => {
          size += chunk.length
          held += chunk.length
          read.push(chunk)
          if (size > maxBytes) settle(errors.EDGE_BODY_TOO_LARGE({ maxBytes }))
          else if (held > budget) settle(errors.EDGE_BODIES_FULL({ heldBytes: budget }))
        }
        if (request.destroyed) return gone()
        request.on('data', take)
        request.once('end', () => settle())
        // Kept for good: what a client breaks later must not end the process.
        request.on('error', gone)
        request.once('aborted', gone)
        request.once('close', gone)
      })
      const bytes = chunks.length === 0 && declared === undefined ? undefined : Buffer.concat(chunks)
      return { bytes, release }
    } catch (error) {
      release()
      throw error
    }
  }
}

/**
 * A worker's whole body, or, when it grows past `maxBytes`, a stream of all of it: what was read, then the rest.
 * Rejects if the worker dies on the way.
 */
export async function readWhole(body: Readable, maxBytes: number): Promise<Buffer | Readable> {
  const chunks: Buffer[] = []
  let size = 0
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    chunks.push(next.value)
    size += next.value.length
    if (size > maxBytes) {
      async function* rest(): AsyncGenerator<Buffer> {
        try {
          yield* chunks
          for (let more = await iterator.next(); !more.done; more = await iterator.next()) yield more.value
        } finally {
          await iterator.return?.()
        }
      }
      return Readable.from(rest(), { objectMode: false })
    }
  }
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
}
