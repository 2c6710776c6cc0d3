import { Readable } from 'node:stream'
import { errors } from './errors.ts'

/** A request body up to this size is read before a worker is bothered, so that a slow client holds none. */
const smallBytes = 64 * 1024

/**
 * A client's body: whole when it is small, else a stream that goes on from what was read and fails with
 * EDGE_BODY_TOO_LARGE past `maxBytes` (as does this function, when that is known at once).
 */
export async function readBody(
  request: Readable & { headers: { 'content-length'?: string | undefined } },
  maxBytes: number,
): Promise<Buffer | Readable | undefined> {
  const declared = request.headers['content-length']
  if (declared !== undefined && Number(declared) > maxBytes) throw errors.EDGE_BODY_TOO_LARGE({ maxBytes })
  const chunks: Buffer[] = []
  let size = 0
  const iterator = request[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const take = async (): Promise<Buffer | undefined> => {
    const next = await iterator.next()
    if (next.done) return undefined
    size += next.value.length
    if (size > maxBytes) throw errors.EDGE_BODY_TOO_LARGE({ maxBytes })
    return next.value
  }
  while (size <= smallBytes) {
    const chunk = await take()
    if (chunk === undefined) return size === 0 && declared === undefined ? undefined : Buffer.concat(chunks)
    chunks.push(chunk)
  }
  async function* rest(): AsyncGenerator<Buffer> {
    yield* chunks
    for (let chunk = await take(); chunk !== undefined; chunk = await take()) yield chunk
  }
  return Readable.from(rest(), { objectMode: false })
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
