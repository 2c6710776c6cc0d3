/** A part of a body, both ends included. */
export interface ByteRange {
  readonly first: number
  readonly last: number
}

/**
 * The single range a `Range` header asks of a body of `length` bytes (RFC 9110 §14.1.2). Undefined if the header is
 * to be ignored (another unit, several ranges, malformed); `'unsatisfiable'` for a 416.
 */
export function parseRange(header: string, length: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i.exec(header)
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  if (match[1] === '') {
    const suffix = Number(match[2])
    if (suffix === 0 || length === 0) return 'unsatisfiable'
    return { first: Math.max(0, length - suffix), last: length - 1 }
  }
  const first = Number(match[1])
  const last = match[2] === '' ? length - 1 : Number(match[2])
  if (match[2] !== '' && last < first) return undefined
  if (first >= length) return 'unsatisfiable'
  return { first, last: Math.min(last, length - 1) }
}
