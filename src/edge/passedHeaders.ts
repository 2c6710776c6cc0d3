import { connectionNames, headerValues } from '../http/index.ts'

/** Where a client's header goes: to the worker, to the worker but not with a read, or not on at all. */
type Fate = 'passed' | 'not with reads' | 'dropped'

/** Answered by the edge itself, so that a worker always makes the whole page; and what describes a body. */
const notWithReads = new Set([
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
  'range',
  'content-type',
])

/** Written by the edge, kept beside the list (host, cookie), or meant for the edge alone. */
const dropped = new Set([
  'host',
  'cookie',
  'forwarded',
  'accept-encoding',
  'content-length',
  'expect',
  'x-real-ip',
])

const fates = new Map<string, { readonly name: string; readonly fate: Fate }>()
const mostFates = 1_000

function fateOf(rawName: string): { readonly name: string; readonly fate: Fate } {
  const known = fates.get(rawName)
  if (known) return known
  const name = rawName.toLowerCase()
  const isDropped =
    dropped.has(name) ||
    name.startsWith(':') ||
    name.startsWith('quintet-') ||
    name.startsWith('x-forwarded-') ||
    // Programs that keep headers as variables can't tell `x_forwarded_for` from `x-forwarded-for`.
    name.includes('_')
  const found = {
    name,
    fate: isDropped ? 'dropped' : notWithReads.has(name) ? 'not with reads' : 'passed',
  } as const
  if (fates.size >= mostFates) fates.clear()
  fates.set(rawName, found)
  return found
}

/**
 * The one list of a client's own headers, flat, names in lower case: a worker is sent exactly these, and a page is
 * filed under exactly these, so that what makes a page and what names it can't differ. Left out are those that belong
 * to the connection (RFC 9110 §7.6.1, also those its `Connection` header lists), that the client may not say
 * (`quintet-*`, `X-Forwarded-*`), and that the edge answers itself. `Cookie` and `Host` are kept beside the list.
 */
export function passedHeaders(rawHeaders: readonly string[], method: string): readonly string[] {
  const hopByHop = connectionNames(headerValues(rawHeaders, 'connection').join(',') || undefined)
  const isRead = method === 'GET' || method === 'HEAD'
  const passed: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const { name, fate } = fateOf(rawHeaders[index] as string)
    if (fate === 'dropped' || (isRead && fate === 'not with reads') || hopByHop.has(name)) continue
    passed.push(name, rawHeaders[index + 1] as string)
  }
  return passed
}
