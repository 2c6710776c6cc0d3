import type { FastifyRequest } from 'fastify'
import { headerOf, hostOf, isSafe } from './exchange.ts'

/**
 * Why a request is refused as possibly sent by another site; undefined if it may pass. Pages need no token for it, so
 * pages with forms stay cacheable.
 *
 * Browsers say where a request comes from in `Sec-Fetch-Site`, which scripts can't forge; older ones at least in
 * `Origin`. What has neither is no browser of the last years: it may pass unless it carries cookies, which are what
 * another site's form would misuse. So programs pass, which send a token and neither of these; `Authorization` itself
 * is not looked at, since browsers may add it of their own accord (HTTP Basic).
 */
export function crossSiteRefusal(request: FastifyRequest): string | undefined {
  if (isSafe(request)) return undefined
  const site = headerOf(request, 'sec-fetch-site')
  if (site !== undefined) {
    return site === 'same-origin' || site === 'none' ? undefined : `the request comes from a ${site} page`
  }
  const origin = headerOf(request, 'origin')
  if (origin !== undefined) {
    return isOwnOrigin(origin, request) ? undefined : 'the Origin header names another site'
  }
  if (headerOf(request, 'cookie') === undefined) return undefined
  return 'the request carries cookies but does not say where it comes from (Sec-Fetch-Site or Origin)'
}

/** Compares host and port, and the scheme where the edge told it: plain HTTP must not act on HTTPS. */
function isOwnOrigin(origin: string, request: FastifyRequest): boolean {
  const url = URL.parse(origin)
  if (!url) return false
  const protocol = headerOf(request, 'x-forwarded-proto')
  if (protocol !== undefined && url.protocol !== `${protocol}:`) return false
  return url.host === URL.parse(`${url.protocol}//${hostOf(request)}`)?.host
}
