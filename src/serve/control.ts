import { chmodSync, rmSync } from 'node:fs'
import http from 'node:http'
import { createInterface } from 'node:readline'
import { errors } from './errors.ts'

/** What a control socket can be asked: path → the answer, sent as JSON. */
export type ControlHandlers = Readonly<Record<string, (query: URLSearchParams) => unknown | Promise<unknown>>>

/** What a control socket tells as it happens: path → begins to tell, each value as a line of JSON; returns how to stop. */
export type ControlStreams = Readonly<Record<string, (tell: (value: unknown) => void) => () => void>>

/** A listener that doesn't read is cut off when this much waits for it. */
const mostWaitingBytes = 4 * 1024 ** 2

/**
 * Answers GET requests on a Unix socket that only its owner may open (mode 0600). A socket file that is there is
 * taken for a dead process's and replaced: ask first whether somebody answers.
 */
export async function openControl(
  path: string,
  handlers: ControlHandlers,
  streams: ControlStreams = {},
): Promise<{ close(): Promise<void> }> {
  checkSocketPath(path)
  rmSync(path, { force: true })
  const server = http.createServer(async (request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    try {
      const url = new URL(request.url ?? '/', 'http://control')
      const stream = streams[url.pathname]
      if (stream) return tellAll(stream, response)
      const handler = handlers[url.pathname]
      if (!handler) return answer(404, { error: `nothing is at ${url.pathname}` })
      answer(200, await handler(url.searchParams))
    } catch (error) {
      answer(500, { error: error instanceof Error ? error.message : String(error) })
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function tellAll(begin: ControlStreams[string], response: http.ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/jsonl' })
  response.flushHeaders()
  const stop = begin(value => {
    response.write(`${JSON.stringify(value)}\n`)
    if (response.writableLength > mostWaitingBytes) response.destroy()
  })
  response.once('close', stop)
}

/**
 * Hears what a control socket tells until `signal` aborts. Throws SERVE_NOT_RUNNING when nobody answers,
 * SERVE_STREAM_ENDED when the other side stops telling.
 */
export async function hearControl(
  socketPath: string,
  path: string,
  hear: (value: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http
      .get({ socketPath, path, agent: false, signal }, resolve)
      .on('error', cause => reject(errors.SERVE_NOT_RUNNING({ socket: socketPath }, { cause })))
  }).catch(error => {
    if (signal.aborted) return undefined
    throw error
  })
  if (!response) return
  try {
    for await (const line of createInterface({ input: response })) hear(JSON.parse(line))
  } catch (error) {
    if (!signal.aborted && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
  }
  if (!signal.aborted) throw errors.SERVE_STREAM_ENDED({ path })
}

/** Asks a control socket. Throws SERVE_NOT_RUNNING when nobody answers, SERVE_CONTROL_FAILED for an answer that is no success. */
export async function askControl(socketPath: string, path: string): Promise<unknown> {
  const { status, body } = await new Promise<{ status: number; body: string }>((resolve, reject) => {
    const request = http.get({ socketPath, path, agent: false }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
      response.on('error', reject)
    })
    request.on('error', cause => reject(errors.SERVE_NOT_RUNNING({ socket: socketPath }, { cause })))
  })
  const value = JSON.parse(body) as unknown
  if (status === 200) return value
  throw errors.SERVE_CONTROL_FAILED({
    path,
    status,
    reason: (value as { error?: string }).error ?? 'no reason given',
  })
}

/** sun_path holds 108 bytes on Linux and 104 on macOS, the terminating zero included. */
export function checkSocketPath(path: string): void {
  const limit = process.platform === 'linux' ? 107 : 103
  const bytes = Buffer.byteLength(path)
  if (bytes > limit) throw errors.SERVE_SOCKET_PATH_TOO_LONG({ path, bytes, limit })
}
