import { createHmac, timingSafeEqual } from 'node:crypto'
import { covers, formatPosition, type Position, parsePosition } from '../data/index.ts'
import { cookieValues } from '../http/index.ts'

/** The cookie, and (in any case) the header for API clients, in which a client carries how fresh it must be served. */
export const positionCookie = 'quintet-position'

/**
 * Longer than any edge or replica may lag behind: after this a client's own writes are everywhere. Nothing takes the
 * cookie away before: an answer that did could overtake one that brings a newer position.
 */
const maxAgeSeconds = 60

/** Signs positions given to clients, and believes only what it has signed. */
export interface ClientPositions {
  /** The furthest of the genuine positions in the cookie and the header; those of different epochs: the last wins. */
  read(cookie: string | undefined, header: string | readonly string[] | undefined): Position | undefined
  /** The signed form. */
  sign(position: Position): string
  /** The `Set-Cookie` value that gives a client its position. */
  setCookie(position: Position, secure: boolean): string
}

export function createClientPositions(secret: string): ClientPositions {
  const macOf = (text: string): Buffer =>
    createHmac('sha256', secret).update(`quintet-position ${text}`).digest()

  function verify(signed: string): Position | undefined {
    const dot = signed.lastIndexOf('.')
    if (dot === -1) return undefined
    const text = signed.slice(0, dot)
    const mac = Buffer.from(signed.slice(dot + 1), 'base64url')
    const expected = macOf(text)
    return mac.length === expected.length && timingSafeEqual(mac, expected) ? parsePosition(text) : undefined
  }

  const sign = (position: Position): string => {
    const text = formatPosition(position)
    return `${text}.${macOf(text).toString('base64url')}`
  }

  return {
    read(cookie, header) {
      const sent = cookieValues(cookie, positionCookie)
      if (typeof header === 'string') sent.push(header)
      else if (header) sent.push(...header)
      let furthest: Position | undefined
      // A client sends one or two; more are somebody's attempt to make us compute.
      for (const signed of sent.slice(0, 4)) {
        const position = verify(signed)
        if (position && !(furthest && covers(furthest, position))) furthest = position
      }
      return furthest
    },
    sign,
    setCookie: (position, secure) =>
      `${positionCookie}=${sign(position)}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
  }
}
