import { createHash } from 'node:crypto'

/** The opaque word of a strong ETag for these bytes and a flat list of headers: 128 bits of SHA-256. */
export function contentWord(body: Uint8Array, headers: readonly string[] = []): string {
  const hash = createHash('sha256')
  if (headers.length > 0) hash.update(`${headers.join('\0')}\0\0`)
  return hash.update(body).digest('base64url').slice(0, 22)
}

/** A strong ETag; each content coding is another representation and so has another ETag (RFC 9110 §8.8.3.3). */
export function strongETag(word: string, encoding: 'identity' | 'br' | 'gzip'): string {
  return encoding === 'identity' ? `"${word}"` : `"${word}-${encoding}"`
}

/** True if `If-None-Match` names this ETag: the weak comparison of RFC 9110 §13.1.2 (`W/` makes no difference). */
export function noneMatches(header: string, etag: string): boolean {
  if (header === etag) return true
  return listed(header, etag, true)
}

/** True if `If-Match` names this ETag: the strong comparison of RFC 9110 §13.1.1 (a weak tag never does). */
export function matchesStrongly(header: string, etag: string): boolean {
  return listed(header, etag, false)
}

function listed(header: string, etag: string, weakly: boolean): boolean {
  if (header.trim() === '*') return true
  const opaque = etag.startsWith('W/') ? etag.slice(2) : etag
  if (!weakly && etag.startsWith('W/')) return false
  const tag = /\s*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(,|$)/y
  while (tag.lastIndex < header.length) {
    const match = tag.exec(header)
    if (!match) return false
    if (match[2] === opaque && (weakly || match[1] === undefined)) return true
  }
  return false
}
