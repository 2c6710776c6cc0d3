import { constants } from 'node:http2'
import { QuintetError } from '../core/index.ts'
import { errorPage } from './errorPage.ts'
import type { EdgeRequest } from './inbound.ts'
import { type EdgeResponse, write } from './respond.ts'

/** What a client is told of an error of ours. */
export interface Failure {
  readonly status: number
  readonly reason: string
  /** For `Cache-Status`. */
  readonly detail: string
}

const told: Readonly<Record<string, readonly [number, string]>> = {
  EDGE_BODY_TOO_LARGE: [413, 'What was sent is too large.'],
  EDGE_BODY_TOO_SLOW: [408, 'What was sent took too long to arrive.'],
  EDGE_BODIES_FULL: [503, 'Too much is being sent at once. Try again in a moment.'],
  EDGE_NO_WORKER: [503, 'The application is not ready. Try again in a moment.'],
  EDGE_UPSTREAM_TIMEOUT: [504, 'The application took too long to answer.'],
  EDGE_UPSTREAM_FAILED: [502, 'The application ended before it had answered.'],
}

export function failureOf(error: unknown): Failure {
  const code = error instanceof QuintetError ? error.code : ''
  const [status, reason] = told[code] ?? [502, 'The application could not answer.']
  return { status, reason, detail: code === '' ? 'error' : code }
}

/** Answers in the edge's own name. What is left of a refused request is not waited for: the connection ends with it. */
export function reject(
  request: EdgeRequest,
  response: EdgeResponse,
  status: number,
  reason: string,
  more: readonly string[] = ['cache-status', 'quintet; fwd=request'],
): void {
  const { headers, body } = errorPage(status, reason, request.headers.accept)
  headers.push(...more)
  const isOver = !request.complete || (status >= 400 && status < 500)
  if (isOver && 'stream' in response) {
    const { stream } = response
    stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR))
  } else if (isOver) headers.push('connection', 'close')
  write(response, status, headers, request.method === 'HEAD' ? undefined : body)
}
