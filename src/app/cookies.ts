import type { FastifyRequest } from 'fastify'
import { cookieValues } from '../http/index.ts'
import type { CookieOptions, CookieReader, CookieWriter } from './context.ts'
import { headerOf, protocolOf } from './exchange.ts'

const spelledSameSite = { lax: 'Lax', strict: 'Strict', none: 'None' } as const

/** The request's cookies, each look recorded, and those that its response sets. */
export function cookieJar(request: FastifyRequest): CookieReader & CookieWriter {
  const { recorder, setCookies } = request.exchange
  const secure = protocolOf(request) === 'https'
  const set = (name: string, value: string, options: CookieOptions = {}): void => {
    setCookies.push(formatCookie(name, value, options, secure))
  }
  return {
    get(name) {
      recorder.part(`cookie:${name}`)
      const raw = cookieValues(headerOf(request, 'cookie'), name)[0]
      return raw === undefined ? undefined : decoded(raw)
    },
    set,
    delete: name => set(name, '', { maxAge: 0 }),
  }
}

/** A `Set-Cookie` value (RFC 6265); the value is URI-encoded, names must be tokens. */
function formatCookie(name: string, value: string, options: CookieOptions, secure: boolean): string {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new TypeError(`"${name}" can't be a cookie's name.`)
  const { maxAge, path = '/', httpOnly = true, sameSite = 'lax' } = options
  if (/[^\x20-\x7e]|;/.test(path)) throw new TypeError(`"${path}" can't be a cookie's path.`)
  const parts = [`${name}=${encodeURIComponent(value)}`, `Path=${path}`]
  if (maxAge !== undefined) parts.push(`Max-Age=${Math.floor(maxAge)}`)
  if (httpOnly) parts.push('HttpOnly')
  parts.push(`SameSite=${spelledSameSite[sameSite]}`)
  if (secure) parts.push('Secure')
  return parts.join('; ')
}

/** A cookie's value as it was set; what isn't URI-encoded stays as it is. */
function decoded(raw: string): string {
  const bare = raw.startsWith('"') && raw.endsWith('"') && raw.length > 1 ? raw.slice(1, -1) : raw
  if (!bare.includes('%')) return bare
  try {
    return decodeURIComponent(bare)
  } catch {
    return bare
  }
}
