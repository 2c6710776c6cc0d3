import { ByteReader, postgresTime } from './byteReader.ts'

/**
 * What the walsender puts around the plugin's messages (PostgreSQL documentation, "Streaming Replication
 * Protocol"). `walEnd` of a keepalive is how far the walsender has *decoded and sent*: every commit that ends at
 * or before it has already arrived.
 */
export type Envelope =
  | { readonly tag: 'data'; readonly data: Buffer }
  | { readonly tag: 'keepalive'; readonly walEnd: bigint; readonly replyRequested: boolean }

/** Where the plugin's message begins in an envelope of the kind `data`. */
export const dataOffset = 25

export function readEnvelope(buffer: Buffer): Envelope {
  const reader = new ByteReader(buffer)
  const tag = reader.char()
  if (tag === 'w') {
    return { tag: 'data', data: buffer.subarray(dataOffset) }
  }
  if (tag === 'k') {
    const walEnd = reader.lsn()
    reader.lsn()
    return { tag: 'keepalive', walEnd, replyRequested: reader.uint8() === 1 }
  }
  throw new RangeError(`The walsender sent a message of the unknown kind "${tag}".`)
}

/** A standby status update: everything up to `lsn` has been received; `reply` asks for a keepalive at once. */
export function statusUpdate(lsn: bigint, options: { reply: boolean; nowMs: number }): Buffer {
  const buffer = Buffer.alloc(34)
  buffer.write('r', 0, 'latin1')
  buffer.writeBigUInt64BE(lsn, 1)
  buffer.writeBigUInt64BE(lsn, 9)
  buffer.writeBigUInt64BE(lsn, 17)
  buffer.writeBigInt64BE(postgresTime(options.nowMs), 25)
  buffer.writeUInt8(options.reply ? 1 : 0, 33)
  return buffer
}
