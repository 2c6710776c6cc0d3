import { type AddressSet, normalAddress } from './address.ts'

/** One hop of a `Forwarded` header (RFC 7239): parameter names in lower case. */
export type ForwardedHop = Readonly<Partial<Record<'for' | 'by' | 'host' | 'proto', string>>>

/** Parses a `Forwarded` header (RFC 7239 §4), quoted strings included; undefined if it is malformed. */
export function parseForwarded(header: string): ForwardedHop[] | undefined {
  const hops: ForwardedHop[] = []
  let hop: Record<string, string> = {}
  const pair = /\s*([!#$%&'*+\-.^_`|~\w]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*))\s*([;,]|$)/y
  while (pair.lastIndex < header.length) {
    const match = pair.exec(header)
    if (!match?.[1]) return undefined
    hop[match[1].toLowerCase()] = match[2] === undefined ? (match[3] ?? '') : match[2].replace(/\\(.)/g, '$1')
    if (match[4] !== ';') {
      hops.push(hop)
      hop = {}
    }
  }
  return hops
}

/** Writes one hop of a `Forwarded` header; values that are no token are quoted, IPv6 addresses bracketed. */
export function formatForwarded(hop: ForwardedHop): string {
  const written: string[] = []
  for (const name of ['for', 'by', 'host', 'proto'] as const) {
    const value = hop[name]
    if (value === undefined) continue
    const bracketed = name !== 'host' && value.includes(':') && !value.startsWith('[') ? `[${value}]` : value
    written.push(
      /^[!#$%&'*+\-.^_`|~\w]+$/.test(bracketed)
        ? `${name}=${bracketed}`
        : `${name}="${bracketed.replace(/["\\]/g, '\\$&')}"`,
    )
  }
  return written.join(';')
}

/** The addresses of an `X-Forwarded-For` header, nearest hop last; what is no address is kept as it was written. */
export function parseForwardedFor(header: string): string[] {
  return header
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '')
}

/**
 * Who the client is: the right-most address that no trusted proxy vouches for. `peer` is the other end of the
 * connection; `hops` the addresses it reported, nearest last (X-Forwarded-For, or `for=` of Forwarded), which count
 * only while they were written by a trusted proxy. An unreadable hop ends the search at the proxy that wrote it.
 */
export function clientAddress(peer: string, hops: readonly string[], trusted: AddressSet): string {
  let client = normalAddress(peer) ?? peer
  for (let index = hops.length - 1; index >= 0 && trusted(client); index--) {
    const address = normalAddress(hops[index] as string)
    if (address === undefined) break
    client = address
  }
  return client
}
