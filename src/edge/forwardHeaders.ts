import type { PageRequest } from '../cache/index.ts'
import { formatPosition, type Position } from '../data/index.ts'
import { connectionNames, formatForwarded, headerValues } from '../http/index.ts'
import type { ReadRecord } from '../reads/index.ts'

/**
 * The headers a worker gets, as a flat list: the client's own, as `passedHeaders` made them for the request, and who
 * it is, by the edge.
 */
export function toWorker(
  request: PageRequest,
  more: { requestId: string; explain?: boolean; clientPosition?: Position | undefined },
): string[] {
  const headers = ['host', request.host, ...request.rawHeaders]
  if (request.cookie !== undefined) headers.push('cookie', request.cookie)
  headers.push(
    'x-forwarded-for',
    request.address,
    'x-forwarded-proto',
    request.protocol,
    'x-forwarded-host',
    request.host,
    'forwarded',
    formatForwarded({ for: request.address, host: request.host, proto: request.protocol }),
    'quintet-request-id',
    more.requestId,
  )
  // Verified: what the client sent itself is signed, and no client's word of that name is passed on.
  if (more.clientPosition) headers.push('quintet-client-position', formatPosition(more.clientPosition))
  if (more.explain) headers.push('quintet-explain', '1')
  return headers
}

/** A worker's answer, taken apart. */
export interface WorkerHead {
  /** Flat list for the client: without what belongs to the connection, `quintet-*` and the date. */
  readonly headers: string[]
  readonly record: ReadRecord | undefined
  /** What `Content-Length` says. */
  readonly length: number | undefined
}

export function fromWorker(rawHeaders: readonly string[]): WorkerHead {
  const hopByHop = connectionNames(headerValues(rawHeaders, 'connection').join(',') || undefined)
  const headers: string[] = []
  const records: string[] = []
  let length: number | undefined
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase()
    const value = rawHeaders[index + 1] as string
    if (name === 'quintet-record') records.push(value)
    if (name === 'content-length') length = Number(value)
    if (hopByHop.has(name) || name.startsWith('quintet-') || name === 'date') continue
    headers.push(name, value)
  }
  return { headers, record: records.length === 1 ? parseRecord(records[0] as string) : undefined, length }
}

/** Undefined for anything that is not wholly a record: what can't be read is not stored. */
function parseRecord(text: string): ReadRecord | undefined {
  try {
    const record = JSON.parse(text) as ReadRecord
    const whole =
      typeof record.build === 'string' &&
      (record.position === null || typeof record.position === 'string') &&
      isTexts(record.parts) &&
      isTexts(record.vetoes) &&
      (record.wrote === null || /^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/.test(record.wrote)) &&
      (record.endsAt === null || typeof record.endsAt === 'number') &&
      Array.isArray(record.dependencies) &&
      record.dependencies.every(
        dependency =>
          typeof dependency.table === 'string' &&
          (dependency.columns === null || isTexts(dependency.columns)) &&
          typeof dependency.equals === 'object' &&
          dependency.equals !== null &&
          Object.values(dependency.equals).every(isTexts),
      )
    return whole ? record : undefined
  } catch {
    return undefined
  }
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(one => typeof one === 'string')
}
