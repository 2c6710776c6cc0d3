import { readFile } from 'node:fs/promises'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext } from 'node:tls'
import type { TlsSettings } from '../settings/index.ts'
import { errorPage } from './errorPage.ts'
import { errors } from './errors.ts'
import type { EdgeRequest } from './inbound.ts'
import type { EdgeResponse } from './respond.ts'
import { listenerFailed } from './signals.ts'
import { developmentCertificate, type TlsFiles } from './tls/development.ts'
import { isWebSocket } from './upgrade.ts'

/** Where to listen: an address, or a socket that already listens (as the supervisor hands over). */
export type Listen = { readonly host: string; readonly port: number } | { readonly handle: unknown }

export interface ListenerOptions {
  readonly scheme: 'http' | 'https'
  readonly listen: Listen
  readonly maxHeaderBytes: number
  readonly idleMs: number
  /** How long a request's body may take; the handler's own limit, and the last resort for bodies it doesn't read. */
  readonly bodyMs: number
  readonly onRequest: (request: EdgeRequest, response: EdgeResponse) => void
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** PEM texts; only for https. */
  readonly tls?: TlsFiles
}

export interface Listener {
  start(): Promise<void>
  /** Takes no more connections, lets requests in flight finish for `graceMs`, then closes what is left. */
  stop(graceMs: number): Promise<void>
  /** The port it listens on; undefined before it does. */
  readonly port: number | undefined
}

const headersMs = 15_000

/** An HTTP/1.1 server, or a TLS one that speaks HTTP/2 and HTTP/1.1 as the client asks by ALPN. */
export function createListener(options: ListenerOptions): Listener {
  const sessions = new Set<ServerHttp2Session>()
  const sockets = new Set<Socket>()
  const upgraded = new Set<Duplex>()
  let stopping = false
  const onRequest = (request: EdgeRequest, response: EdgeResponse): void => {
    if (stopping && request.httpVersionMajor === 1) (response as ServerResponse).shouldKeepAlive = false
    options.onRequest(request, response)
  }
  const http: ServerOptions & { shouldUpgradeCallback: (request: IncomingMessage) => boolean } = {
    maxHeaderSize: options.maxHeaderBytes,
    keepAliveTimeout: options.idleMs,
    headersTimeout: headersMs,
    requestTimeout: headersMs + options.bodyMs,
    shouldUpgradeCallback: isWebSocket,
  }
  let server: Server | Http2SecureServer
  if (options.tls) {
    const secure = createSecureServer({
      ...http,
      allowHTTP1: true,
      minVersion: 'TLSv1.2',
      cert: options.tls.cert,
      key: options.tls.key,
      settings: { maxHeaderListSize: options.maxHeaderBytes, maxConcurrentStreams: 256 },
    })
    secure.setTimeout(options.idleMs)
    secure.on('session', session => {
      sessions.add(session)
      session.on('close', () => sessions.delete(session))
      session.on('error', () => {})
    })
    secure.on('request', onRequest)
    server = secure
  } else {
    server = createServer(http, onRequest as RequestListener)
  }
  const events = server as Server
  events.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  events.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    upgraded.add(socket)
    socket.on('close', () => upgraded.delete(socket))
    options.onUpgrade(request, socket, head)
  })
  events.on('connect', (_request: IncomingMessage, socket: Duplex) =>
    answerRaw(socket, 405, 'CONNECT is not served here.'),
  )
  events.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => answerBroken(error, socket))

  return {
    async start() {
      const { listen } = options
      await new Promise<void>((resolve, reject) => {
        const refused = (error: Error): void => reject(listenError(error, options))
        server.once('error', refused)
        const started = (): void => {
          server.off('error', refused)
          // A connection that can't be accepted (no more file descriptors) must not end the process.
          server.on('error', error => listenerFailed.emit(() => ({ scheme: options.scheme, error })))
          resolve()
        }
        server.listen(
          'handle' in listen ? (listen.handle as object) : { host: listen.host, port: listen.port },
          started,
        )
      })
    },
    async stop(graceMs) {
      if (!server.listening) return
      stopping = true
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const session of sessions) session.close()
      for (const socket of upgraded) socket.end()
      // A connection that falls idle from now on is closed, too.
      const sweep = setInterval(() => (server as Partial<Server>).closeIdleConnections?.(), 25)
      const end = setTimeout(() => {
        for (const socket of sockets) socket.destroy()
      }, graceMs)
      await closed
      clearInterval(sweep)
      clearTimeout(end)
    },
    get port() {
      return (server.address() as AddressInfo | null)?.port
    },
  }
}

/** The certificate to serve with. Throws EDGE_CERTIFICATE_UNREADABLE. */
export async function loadTls(tls: TlsSettings, developmentFolder: string): Promise<TlsFiles> {
  if (tls.engine === 'development') return developmentCertificate(developmentFolder)
  const read = (path: string): Promise<string> =>
    readFile(path, 'utf8').catch(error => {
      throw errors.EDGE_CERTIFICATE_UNREADABLE(
        { path, reason: error.code ?? error.message },
        { cause: error },
      )
    })
  const files = { cert: await read(tls.cert), key: await read(tls.key) }
  try {
    createSecureContext(files)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw errors.EDGE_CERTIFICATE_UNREADABLE({ path: tls.cert, reason }, { cause: error })
  }
  return files
}

function listenError(error: NodeJS.ErrnoException, { listen, scheme }: ListenerOptions): Error {
  if ('handle' in listen)
    return errors.EDGE_LISTEN_FAILED({ where: 'the given socket', reason: error.message }, { cause: error })
  const { host, port } = listen
  return error.code === 'EADDRINUSE'
    ? errors.EDGE_PORT_TAKEN({ host, port, scheme }, { cause: error })
    : errors.EDGE_LISTEN_FAILED(
        { where: `${host}:${port}`, reason: error.code ?? error.message },
        { cause: error },
      )
}

/** What Node's parser refused never becomes a request; it gets its answer on the bare socket. */
function answerBroken(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy()
    return
  }
  const [status, reason] = brokenAnswers[error.code ?? ''] ?? [400, 'The request is malformed.']
  answerRaw(socket, status, reason)
}

const brokenAnswers: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  HPE_INVALID_METHOD: [501, 'The method is not known.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
}

function answerRaw(socket: Duplex, status: number, reason: string): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { headers, body } = errorPage(status, reason, undefined)
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\n`
  for (let index = 0; index < headers.length; index += 2)
    head += `${headers[index]}: ${headers[index + 1]}\r\n`
  socket.end(`${head}\r\n${body}`)
}
