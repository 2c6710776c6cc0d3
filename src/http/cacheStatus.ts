/** What a cache did with a request, as RFC 9211 says it. */
export type CacheStatus =
  | { readonly hit: true }
  | {
      readonly hit?: false
      /** Why it was forwarded. */
      readonly fwd: 'uri-miss' | 'vary-miss' | 'miss' | 'bypass' | 'stale' | 'method' | 'request'
      readonly stored?: boolean
      /** It shared another request's answer. */
      readonly collapsed?: boolean
      readonly detail?: string
    }

/** The value of a `Cache-Status` header (RFC 9211 §2), a structured field: `quintet; fwd=uri-miss; stored`. */
export function formatCacheStatus(cache: string, status: CacheStatus): string {
  if (status.hit) return `${cache}; hit`
  let text = `${cache}; fwd=${status.fwd}`
  if (status.stored) text += '; stored'
  if (status.collapsed) text += '; collapsed'
  if (status.detail) text += `; detail=${quoted(status.detail)}`
  return text
}

/** A structured-field string (RFC 8941 §3.3.3) holds printable ASCII only; anything else becomes `?`. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}
