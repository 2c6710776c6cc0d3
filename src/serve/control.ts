import { chmodSync, rmSync } from 'node:fs'
import http from 'node:http'
import { errors } from './errors.ts'

/** What a control socket can be asked: path → the answer, sent as JSON. */
export type ControlHandlers = Readonly<Record<string, (query: URLSearchParams) => unknown | Promise<unknown>>>

/**
 * Answers GET requests on a Unix socket that only its owner may open (mode 0600). A socket file that is there is
 * taken for a dead process's and replaced: ask first whether somebody answers.
 */
export async function openControl(
  path: string,
  handlers: ControlHandlers,
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
