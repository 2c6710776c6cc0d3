import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connectionNames } from '../http/index.ts'
import { toWorker } from './forwardHeaders.ts'
import { type Admission, isRejection, readInbound } from './inbound.ts'
import { newRequestId } from './requestId.ts'
import type { Workers } from './workers.ts'

/** Only WebSockets are upgraded; anything else that is offered (`h2c`) is ignored, as RFC 9110 §7.8 allows. */
export function isWebSocket(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket'
}

/** Joins a client's WebSocket to a worker's: the handshake is passed on, then the bytes both ways. */
export async function upgradeWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  options: { workers: Workers; admission: Admission; redirectTo?: (host: string) => string },
): Promise<void> {
  socket.on('error', () => {})
  const inbound = readInbound(request, options.admission)
  if (isRejection(inbound)) return refuse(socket, inbound.status)
  if (options.redirectTo && inbound.protocol === 'http')
    return refuse(socket, 308, `Location: ${options.redirectTo(inbound.host)}${inbound.url}\r\n`)
  try {
    const upstream = await options.workers.upgrade({
      url: inbound.url,
      headers: toWorker(inbound, { requestId: newRequestId() }),
      protocol: 'websocket',
    })
    upstream.socket.on('error', () => {})
    socket.write(handshake(upstream.headers))
    if (head.length > 0) upstream.socket.write(head)
    await Promise.all([pipeline(socket, upstream.socket), pipeline(upstream.socket, socket)]).catch(() => {})
  } catch {
    refuse(socket, 501)
  }
}

function handshake(rawHeaders: readonly string[]): string {
  const hopByHop = connectionNames(undefined)
  let text = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase()
    if (hopByHop.has(name) || name.startsWith('quintet-')) continue
    text += `${rawHeaders[index]}: ${rawHeaders[index + 1]}\r\n`
  }
  return `${text}\r\n`
}

function refuse(socket: Duplex, status: number, headers = ''): void {
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`,
  )
}
