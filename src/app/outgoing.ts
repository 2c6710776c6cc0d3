import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { systemClock } from '../core/index.ts'
import { noteVolatile } from './rendering.ts'

let stop: (() => void) | undefined

/**
 * Another server's answer is a read that no feed tells of: a request sent by the app's code (`fetch`, undici,
 * `node:http`) while it renders keeps the page from being cached, unless it has a `maxAge`. Installed once per process;
 * returns the function that undoes it.
 */
export function watchOutgoingRequests(): () => void {
  if (stop) return stop
  const onUndici = (message: unknown): void => {
    const { request } = message as { request: { origin?: string | URL } }
    note(request.origin === undefined ? 'another server' : String(request.origin))
  }
  const onHttp = (message: unknown): void => {
    const { request } = message as { request: { host?: string; protocol?: string } }
    note(`${request.protocol ?? ''}//${request.host ?? 'another server'}`)
  }
  subscribe('undici:request:create', onUndici)
  subscribe('http.client.request.start', onHttp)
  stop = () => {
    unsubscribe('undici:request:create', onUndici)
    unsubscribe('http.client.request.start', onHttp)
    stop = undefined
  }
  return stop
}

function note(origin: string): void {
  noteVolatile(`outgoing request to ${URL.parse(origin)?.hostname ?? origin}`, systemClock.now)
}
