import { covers, type Position, parsePosition } from '../data/index.ts'
import type { FeedView } from '../feed/index.ts'
import { headerValues, parseCacheControl } from '../http/index.ts'
import type { ReadRecord } from '../reads/index.ts'
import { matches } from './match.ts'
import type { PageResponse } from './representation.ts'
import type { PageRequest } from './variant.ts'

/** Why a response was not stored: `kind` for counters and `Cache-Status`, `text` for a person. */
export interface Refusal {
  readonly kind:
    | 'disabled'
    | 'method'
    | 'no-record'
    | 'status'
    | 'set-cookie'
    | 'cache-control'
    | 'vary'
    | 'size'
    | 'veto'
    | 'wrote'
    | 'ended'
    | 'build'
    | 'feed'
    | 'forgotten'
    | 'changed'
  readonly text: string
}

/** Kinds that hold for the page rather than for this moment: the next response will most likely be refused too. */
export function isLasting(refusal: Refusal): boolean {
  return !['feed', 'forgotten', 'changed', 'build', 'wrote', 'ended'].includes(refusal.kind)
}

/** Redirects and absences are reads of what they looked at, and stored like anything else. */
const cacheableStatuses = new Set([200, 203, 204, 300, 301, 302, 303, 307, 308, 404, 410])

/** What about the response itself forbids to store it; undefined if nothing does. */
export function responseRefusal(
  request: PageRequest,
  response: PageResponse,
  record: ReadRecord | undefined,
  limits: { maxEntryBytes: number },
): Refusal | undefined {
  if (request.method !== 'GET')
    return { kind: 'method', text: `Only GET is stored, this was ${request.method}.` }
  if (!record) return { kind: 'no-record', text: 'The worker sent no record of what was read.' }
  if (record.vetoes.length > 0) return { kind: 'veto', text: record.vetoes.join('; ') }
  if (record.wrote !== null) return { kind: 'wrote', text: 'It wrote to the database.' }
  if (!cacheableStatuses.has(response.status))
    return { kind: 'status', text: `Responses with status ${response.status} are not stored.` }
  if (headerValues(response.headers, 'set-cookie').length > 0)
    return { kind: 'set-cookie', text: 'It sets a cookie.' }
  const cacheControl = parseCacheControl(headerValues(response.headers, 'cache-control').join(','))
  for (const directive of ['no-store', 'private'])
    if (cacheControl.has(directive))
      return { kind: 'cache-control', text: `The app answered Cache-Control: ${directive}.` }
  if (headerValues(response.headers, 'vary').some(value => value.includes('*')))
    return { kind: 'vary', text: 'The app answered Vary: *.' }
  if (response.body.length > limits.maxEntryBytes)
    return {
      kind: 'size',
      text: `Its ${response.body.length} bytes are over the limit of ${limits.maxEntryBytes} for one page.`,
    }
  return undefined
}

/**
 * The rule of filling (DESIGN §3): a response made at `p` is stored only if no transaction after `p` matches what it
 * read, as far as this process can know. Undefined means it may be stored.
 */
export function freshnessRefusal(record: ReadRecord, feed: FeedView): Refusal | undefined {
  const made = record.position === null ? undefined : parsePosition(record.position)
  if (!made) return { kind: 'feed', text: 'The worker had no position in the commit feed.' }
  if (!feed.position || !feed.fresh()) return { kind: 'feed', text: 'The commit feed is not fresh.' }
  if (made.epoch !== feed.position.epoch)
    return {
      kind: 'feed',
      text: `It was made in epoch ${made.epoch}, the feed is in ${feed.position.epoch}.`,
    }
  const later = feed.since(made)
  if (later === null)
    return { kind: 'forgotten', text: 'The commits since it was begun are no longer remembered.' }
  for (const transaction of later) {
    // What `since` returns is after `p` already; compared again, because everything rests on it.
    if (covers(made, transaction.position)) continue
    for (const change of transaction.changes) {
      if (change.kind === 'everything') return changed(transaction.position, change.reason)
      if (record.dependencies.some(dependency => matches(dependency, change)))
        return changed(transaction.position, `${change.kind} in ${change.table}`)
    }
  }
  return undefined
}

function changed(position: Position, what: string): Refusal {
  return {
    kind: 'changed',
    text: `What it read changed while it was made (${what}, epoch ${position.epoch}).`,
  }
}
