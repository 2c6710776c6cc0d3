import type { FastifyRequest } from 'fastify'
import type { Position } from '../data/index.ts'
import type { Recorder } from '../reads/index.ts'

/** One request and what becomes of it; attached to Fastify's request before anything else runs. */
export interface Exchange {
  readonly recorder: Recorder
  /** The feed's position when the request began; null without a feed. */
  readonly position: Position | null
  /** Serialised `Set-Cookie` values, in order. */
  readonly setCookies: string[]
  /** Whether the app's own code ran for it. */
  ranApp: boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    exchange: Exchange
  }
  interface FastifyContextConfig {
    /** Whether errors are told as pages or as JSON; undefined where only the client's `Accept` can say. */
    speaks?: 'html' | 'json'
    /** Makes the body of errors. */
    errorBody?: (error: import('./outcome.ts').HttpError) => unknown
  }
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])

/** Whether the request's method says that it changes nothing (RFC 9110, 9.2.1). */
export function isSafe(request: FastifyRequest): boolean {
  return safeMethods.has(request.method)
}

/** The raw query of the request, without `?`. */
function rawQuery(request: FastifyRequest): string {
  const url = request.raw.url ?? ''
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark + 1)
}

/**
 * The query's names and values. URLSearchParams drops one leading `?`, which here belongs to the first name, as it
 * does where stored pages are told apart: `/list??page=2` has no `page`.
 */
export function searchParams(request: FastifyRequest): URLSearchParams {
  return new URLSearchParams(`?${rawQuery(request)}`)
}

export function pathOf(request: FastifyRequest): string {
  const url = request.raw.url ?? '/'
  const mark = url.indexOf('?')
  return mark === -1 ? url : url.slice(0, mark)
}

/** A header as one text, its occurrences joined as Node joins them. */
export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** The host that the client addressed, by the edge or by the request itself. */
export function hostOf(request: FastifyRequest): string {
  return headerOf(request, 'x-forwarded-host') ?? headerOf(request, 'host') ?? 'localhost'
}

/** The client's address, by the edge or by the connection. */
export function addressOf(request: FastifyRequest): string {
  return headerOf(request, 'x-forwarded-for') ?? request.ip
}

/** `http` or `https`, as the client spoke to the edge. */
export function protocolOf(request: FastifyRequest): 'http' | 'https' {
  return headerOf(request, 'x-forwarded-proto') === 'https' ? 'https' : 'http'
}
