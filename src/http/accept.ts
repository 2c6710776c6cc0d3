/** The content codings the edge can produce. */
export type Encoding = 'identity' | 'br' | 'gzip'

const preference = ['br', 'gzip', 'identity'] as const
const remembered = new Map<string, Encoding>()
const mostRemembered = 256

/**
 * The coding to answer an `Accept-Encoding` header with (RFC 9110 §12.5.3): the highest weight wins, ours in the
 * order br, gzip, identity among equals; identity when nothing acceptable is left, rather than a 406.
 */
export function negotiateEncoding(header: string | undefined): Encoding {
  if (header === undefined || header === '') return 'identity'
  const known = remembered.get(header)
  if (known !== undefined) return known
  const chosen = negotiate(header)
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(header, chosen)
  return chosen
}

function negotiate(header: string): Encoding {
  const weights = new Map<string, number>()
  for (const item of header.split(',')) {
    const [coding = '', ...parameters] = item.split(';')
    const name = coding.trim().toLowerCase()
    if (name === '') continue
    const weight = parameters.map(p => /^\s*q\s*=\s*([\d.]+)\s*$/i.exec(p)?.[1]).find(q => q !== undefined)
    const value = weight === undefined ? 1 : Number(weight)
    weights.set(name === 'x-gzip' ? 'gzip' : name, Number.isFinite(value) ? Math.min(1, value) : 0)
  }
  const any = weights.get('*')
  let best: Encoding = 'identity'
  let bestWeight = 0
  for (const encoding of preference) {
    // Unlisted, identity is acceptable but preferred to nothing that was listed.
    const weight = weights.get(encoding) ?? any ?? (encoding === 'identity' ? Number.MIN_VALUE : 0)
    if (weight > bestWeight) {
      best = encoding
      bestWeight = weight
    }
  }
  return best
}

/** True for media types that shrink when compressed; images, video, fonts and archives are compressed already. */
export function isCompressible(contentType: string | undefined): boolean {
  return (
    contentType !== undefined &&
    /^(text\/(?!event-stream)|application\/(json|javascript|xml|wasm|manifest\+json|[\w.-]+\+(json|xml))|image\/(svg\+xml|bmp|x-icon))/i.test(
      contentType,
    )
  )
}
