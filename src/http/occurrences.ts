/**
 * The occurrences of one name among the raw parts of a request, exactly as they were sent and in order. Two
 * requests whose occurrences are equal look equal to any code that looks at that name alone, however it decodes.
 */

/** One `name=value` of a query, and its decoded name; null if parsers differ about it. */
interface QueryPair {
  readonly raw: string
  readonly name: string | null
}

/** A request is asked for one part after the other: its query is taken apart once. */
let lastQuery: { readonly raw: string; readonly pairs: readonly QueryPair[] } = { raw: '', pairs: [] }

/**
 * Every raw `name=value` of a query string (without its `?`) whose decoded name equals `name`. A pair whose name
 * can't be decoded belongs to every name, since parsers differ about it.
 */
export function queryValues(rawQuery: string, name: string): string[] {
  if (rawQuery === '') return []
  if (lastQuery.raw !== rawQuery) lastQuery = { raw: rawQuery, pairs: rawQuery.split('&').map(queryPair) }
  const found: string[] = []
  for (const pair of lastQuery.pairs) if (pair.name === name || pair.name === null) found.push(pair.raw)
  return found
}

function queryPair(raw: string): QueryPair {
  const equals = raw.indexOf('=')
  return { raw, name: decodedName(equals === -1 ? raw : raw.slice(0, equals)) }
}

/** Throws nothing, whatever is sent: an exception for each malformed name would cost thousands for one request. */
function decodedName(rawName: string): string | null {
  if (!rawName.includes('%') && !rawName.includes('+')) return rawName
  if (/%(?![0-9a-f]{2})/i.test(rawName)) return null
  const name = rawName
    .replaceAll('+', ' ')
    // Characters beyond ASCII are a run of bytes each, and a run is never broken by a character of its own.
    .replace(/(?:%[0-9a-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
  return name.includes('\ufffd') ? null : name
}

/** Every raw value of the cookie called `name` in a Cookie header, in order; names compare exactly. */
export function cookieValues(header: string | undefined, name: string): string[] {
  const found: string[] = []
  if (header === undefined || !header.includes(name)) return found
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=')
    if (equals !== -1 && pair.slice(0, equals).trim() === name) found.push(pair.slice(equals + 1).trim())
  }
  return found
}

/** The Cookie header without the cookie called `name`; undefined if nothing is left. */
export function withoutCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined || !header.includes(name)) return header
  const kept = header.split(';').filter(pair => {
    const equals = pair.indexOf('=')
    return (equals === -1 ? pair : pair.slice(0, equals)).trim() !== name
  })
  const joined = kept.join(';').trim()
  return joined === '' ? undefined : joined
}

/** Every value of the header called `name` (lower case) in a flat list of raw names and values, in order. */
export function headerValues(rawHeaders: readonly string[], name: string): string[] {
  const found: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] as string
    if (raw.length === name.length && raw.toLowerCase() === name) found.push(rawHeaders[index + 1] as string)
  }
  return found
}
