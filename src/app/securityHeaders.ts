import type { FastifyReply, FastifyRequest } from 'fastify'
import { protocolOf } from './exchange.ts'

/** Scripts, styles and forms from here only; images from anywhere over HTTPS, since people paste their addresses. */
const contentSecurityPolicy = [
  "default-src 'self'",
  "img-src 'self' https: data:",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const always: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'strict-origin-when-cross-origin'],
  ['x-frame-options', 'DENY'],
  ['permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()'],
  ['cross-origin-opener-policy', 'same-origin'],
]

/** A year; only where HTTPS is a promise, and not for subdomains, of which this app knows nothing. */
const transportSecurity = 'max-age=31536000'

/** Adds what a careful site sends; what the app set itself stays. */
export function addSecurityHeaders(request: FastifyRequest, reply: FastifyReply, debug: boolean): void {
  for (const [name, value] of always) if (!reply.hasHeader(name)) reply.header(name, value)
  if (!reply.hasHeader('content-security-policy')) {
    reply.header('content-security-policy', contentSecurityPolicy)
  }
  if (debug) return
  // The header makes the response differ by protocol, so the protocol is a read of every response.
  request.exchange?.recorder.part('protocol')
  if (protocolOf(request) === 'https') reply.header('strict-transport-security', transportSecurity)
}
