import type { FastifyReply, FastifyRequest } from 'fastify'
import { matches, type SharedValues } from '../cache/index.ts'
import { formatLsn, formatPosition, type Position, parsePosition } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import { type ClosedRecord, type ReadRecord, Recorder, untracked } from '../reads/index.ts'
import { headerOf, isSafe } from './exchange.ts'
import { recordHeader } from './recordHeader.ts'

/** An LSN that is never reached: where the log's end could not be learned, the client reads past the caches for a while. */
const unreachableLsn = 'FFFFFFFF/FFFFFFFF'

export interface RecordingOptions {
  readonly build: string
  readonly feed: FeedView | undefined
  readonly flushedLsn: () => Promise<bigint>
  readonly values: SharedValues
}

/** Opens the record of a request, before any parser or other hook (DESIGN §3, rule 6). */
export function openRecord(request: FastifyRequest, options: RecordingOptions): void {
  // The position first: everything read from now on includes at least the commits up to it.
  const position = options.feed?.position ?? null
  const explain = request.headers['quintet-explain'] === '1'
  const recorder = new Recorder({ explain })
  const acts = request.method !== 'GET' && request.method !== 'HEAD'
  options.values.admit(recorder, { position, client: clientPosition(request), acts })
  request.exchange = { recorder, position, setCookies: [], ranApp: false }
}

/** How fresh the client must be served, as the edge has verified it; this process's feed may be behind that. */
function clientPosition(request: FastifyRequest): Position | undefined {
  const sent = headerOf(request, 'quintet-client-position')
  // What can't be read is ahead of everything.
  return sent === undefined ? undefined : (parsePosition(sent) ?? { epoch: 'unknown', lsn: 0n })
}

/** Closes the record when the body is complete, and writes it into the internal header `quintet-record`. */
export async function closeRecord(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  options: RecordingOptions,
): Promise<void> {
  const { exchange } = request
  if (!exchange) return
  const { recorder, position } = exchange
  if (isStream(payload)) recorder.veto('stream body')
  if (reply.hasHeader('set-cookie')) recorder.veto('Set-Cookie')
  if (reply.statusCode >= 500) recorder.veto(`status ${reply.statusCode}`)
  if (request.method !== 'GET' && request.method !== 'HEAD') recorder.veto(`method ${request.method}`)
  const closed = recorder.close()
  // What an action has others do for it (a batcher, a queue) is not written in its context, and is its own all the same.
  const wrote = closed.wrote || (exchange.ranApp && !isSafe(request))
  const record: ReadRecord = {
    build: options.build,
    position: position && formatPosition(position),
    parts: closed.parts,
    dependencies: closed.dependencies,
    vetoes: [...closed.vetoes, ...feedVetoes(request, closed, options.feed)],
    wrote: wrote ? await writtenUpTo(options) : null,
    endsAt: closed.endsAt,
    ...(closed.queries ? { queries: closed.queries } : {}),
  }
  reply.header('quintet-record', recordHeader(record))
}

/** The check when the headers are sent: nothing that was read may have changed since the position. */
function feedVetoes(request: FastifyRequest, closed: ClosedRecord, feed: FeedView | undefined): string[] {
  const { position } = request.exchange
  if (!feed || !position) return ['no feed']
  const since = feed.since(position)
  if (since === null) return ['the feed no longer reaches back to when the request began']
  const stale = since.some(({ changes }) =>
    changes.some(change => closed.dependencies.some(dependency => matches(dependency, change))),
  )
  return stale ? ['something that it read changed while it was made'] : []
}

async function writtenUpTo(options: RecordingOptions): Promise<string> {
  try {
    return formatLsn(await untracked(options.flushedLsn))
  } catch {
    return unreachableLsn
  }
}

function isStream(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload)
}
