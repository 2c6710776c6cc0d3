import { ByteReader } from './byteReader.ts'

/**
 * A value of a tuple: its text, null, or `unchanged` for a TOASTed value that the update did not touch (and that
 * the walsender therefore did not read).
 */
export type TupleValue = string | null | typeof unchanged
export const unchanged: unique symbol = Symbol('unchanged TOAST value')
export type Tuple = readonly TupleValue[]

export interface RelationMessage {
  readonly tag: 'relation'
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** pg_class.relreplident: `d`efault, `n`othing, `f`ull or `i`ndex. */
  readonly identity: string
  readonly columns: readonly string[]
}

/** Inside a stream block `xid` is the (sub)transaction that made the change; outside it is undefined. */
export type PgoutputMessage =
  | { readonly tag: 'begin'; readonly xid: number; readonly committedAt: number }
  | { readonly tag: 'commit'; readonly endLsn: bigint; readonly committedAt: number }
  | { readonly tag: 'origin' }
  | { readonly tag: 'type' }
  | (RelationMessage & { readonly xid?: number })
  | RowMessage
  | { readonly tag: 'truncate'; readonly xid?: number; readonly relations: readonly number[] }
  | {
      readonly tag: 'message'
      readonly xid?: number
      readonly transactional: boolean
      readonly prefix: string
      readonly content: string
    }
  | { readonly tag: 'streamStart'; readonly xid: number }
  | { readonly tag: 'streamStop' }
  | {
      readonly tag: 'streamCommit'
      readonly xid: number
      readonly endLsn: bigint
      readonly committedAt: number
    }
  | { readonly tag: 'streamAbort'; readonly xid: number; readonly subxid: number }

/** `old` is absent where the replica identity gave nothing; `oldIsKey` where it gave only the key's columns. */
export type RowMessage =
  | { readonly tag: 'insert'; readonly xid?: number; readonly relation: number; readonly new: Tuple }
  | {
      readonly tag: 'update'
      readonly xid?: number
      readonly relation: number
      readonly old?: Tuple
      readonly oldIsKey: boolean
      readonly new: Tuple
    }
  | {
      readonly tag: 'delete'
      readonly xid?: number
      readonly relation: number
      readonly old: Tuple
      readonly oldIsKey: boolean
    }

/**
 * Decodes one message of pgoutput, protocol version 2 (PostgreSQL documentation, "Logical Replication Message
 * Formats"). `inStream`: between Stream Start and Stream Stop, where most messages carry a transaction id.
 */
export function decodePgoutput(data: Buffer, inStream: boolean): PgoutputMessage {
  const reader = new ByteReader(data)
  const tag = reader.char()
  switch (tag) {
    case 'B': {
      reader.lsn()
      const committedAt = reader.time()
      return { tag: 'begin', committedAt, xid: reader.uint32() }
    }
    case 'C':
      reader.uint8()
      reader.lsn()
      return { tag: 'commit', endLsn: reader.lsn(), committedAt: reader.time() }
    case 'O':
      return { tag: 'origin' }
    case 'Y':
      return { tag: 'type' }
    case 'S': {
      const xid = reader.uint32()
      reader.uint8()
      return { tag: 'streamStart', xid }
    }
    case 'E':
      return { tag: 'streamStop' }
    case 'c': {
      const xid = reader.uint32()
      reader.uint8()
      reader.lsn()
      return { tag: 'streamCommit', xid, endLsn: reader.lsn(), committedAt: reader.time() }
    }
    case 'A':
      return { tag: 'streamAbort', xid: reader.uint32(), subxid: reader.uint32() }
  }
  const xid = inStream ? reader.uint32() : undefined
  switch (tag) {
    case 'R':
      return { ...readRelation(reader), xid }
    case 'I':
    case 'U':
    case 'D':
      return readRow(reader, tag, xid)
    case 'T': {
      const count = reader.uint32()
      reader.uint8()
      return { tag: 'truncate', xid, relations: Array.from({ length: count }, () => reader.uint32()) }
    }
    case 'M': {
      const transactional = (reader.uint8() & 1) === 1
      reader.lsn()
      const prefix = reader.cstring()
      return { tag: 'message', xid, transactional, prefix, content: reader.text(reader.uint32()) }
    }
  }
  throw new RangeError(`pgoutput sent a message of the unknown kind "${tag}".`)
}

/**
 * The relation and (sub)transaction of an insert, update or delete, without decoding its rows; undefined for any
 * other message. Lets a bulk change that has already been summed up pass at the cost of a few bytes.
 */
export function peekRow(
  data: Buffer,
  inStream: boolean,
  offset = 0,
): { relation: number; xid?: number } | undefined {
  const tag = data[offset]
  if (tag !== 0x49 && tag !== 0x55 && tag !== 0x44) return undefined
  return inStream
    ? { xid: data.readUInt32BE(offset + 1), relation: data.readUInt32BE(offset + 5) }
    : { relation: data.readUInt32BE(offset + 1) }
}

function readRelation(reader: ByteReader): RelationMessage {
  const oid = reader.uint32()
  const schema = reader.cstring() || 'pg_catalog' // the protocol writes pg_catalog as an empty string
  const name = reader.cstring()
  const identity = reader.char()
  const columns = Array.from({ length: reader.uint16() }, () => {
    reader.uint8()
    const column = reader.cstring()
    reader.uint32()
    reader.int32()
    return column
  })
  return { tag: 'relation', oid, schema, name, identity, columns }
}

function readRow(reader: ByteReader, tag: 'I' | 'U' | 'D', xid: number | undefined): RowMessage {
  const relation = reader.uint32()
  const kind = reader.char()
  const tuple = readTuple(reader)
  if (tag === 'I') return { tag: 'insert', xid, relation, new: tuple }
  if (tag === 'D') return { tag: 'delete', xid, relation, old: tuple, oldIsKey: kind === 'K' }
  if (kind === 'N') return { tag: 'update', xid, relation, oldIsKey: false, new: tuple }
  reader.char()
  return { tag: 'update', xid, relation, old: tuple, oldIsKey: kind === 'K', new: readTuple(reader) }
}

function readTuple(reader: ByteReader): Tuple {
  const values: TupleValue[] = []
  for (let rest = reader.uint16(); rest > 0; rest--) {
    const kind = reader.char()
    if (kind === 'n') values.push(null)
    else if (kind === 'u') values.push(unchanged)
    else if (kind === 't') values.push(reader.text(reader.uint32()))
    else
      throw new RangeError(`pgoutput sent a value of the unknown kind "${kind}"; binary was not asked for.`)
  }
  return values
}
