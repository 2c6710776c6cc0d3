import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { systemClock } from '../core/index.ts'
import { noteVolatile } from './rendering.ts'

/** What Node and undici tell of in the caller's own context, and the name of whom it went to, if that is known yet. */
const channels: Readonly<Record<string, (message: never) => string | undefined>> = {
  'undici:request:create': ({ request }: { request: { origin?: string | URL } }) =>
    request.origin === undefined ? undefined : hostOf(String(request.origin)),
  'http.client.request.start': ({ request }: { request: { host?: string } }) => request.host,
  'http2.client.stream.created': ({ headers }: { headers: Record<string, unknown> }) => {
    const authority = headers[':authority'] ?? headers.host
    return typeof authority === 'string' ? hostOf(`http://${authority}`) : undefined
  },
}

/** Any other connection, TCP, TLS or to a socket file. The database's own are made outside of every request. */
const connections = 'net.client.socket'

let stop: (() => void) | undefined

/**
 * Another server's answer is a read that no feed tells of: a request sent by the app's code (`fetch`, undici,
 * `node:http`, `node:http2`) while it renders keeps the page from being cached, unless it has a `maxAge`; so does
 * opening a connection. What is sent over a raw connection that was open before is not seen. Installed once per
 * process; returns the function that undoes it.
 */
export function watchOutgoingRequests(): () => void {
  if (stop) return stop
  const listeners: [string, (message: unknown) => void][] = Object.entries(channels).map(([name, whom]) => [
    name,
    message => note(`outgoing request to ${whom(message as never) ?? 'another server'}`),
  ])
  listeners.push([connections, () => note('connection to another server')])
  for (const [name, listener] of listeners) subscribe(name, listener)
  stop = () => {
    for (const [name, listener] of listeners) unsubscribe(name, listener)
    stop = undefined
  }
  return stop
}

function note(what: string): void {
  noteVolatile(what, systemClock.now)
}

function hostOf(url: string): string {
  return URL.parse(url)?.hostname ?? url
}
