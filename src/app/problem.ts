import type { FastifyError } from 'fastify'
import { HttpError, reasons } from './outcome.ts'

/** RFC 9457 problem details. */
export interface Problem {
  type: string
  title: string
  status: number
  detail?: string
  errors?: HttpError['errors']
}

export function problemOf(error: HttpError): Problem {
  const title = reasons[error.status] ?? `Status ${error.status}`
  return {
    type: 'about:blank',
    title,
    status: error.status,
    ...(error.message === title ? {} : { detail: error.message }),
    ...(error.errors ? { errors: error.errors } : {}),
  }
}

/** Fastify's own refusals, in words that help whoever sent the request. */
const refusals: Readonly<Record<string, { status: number; message: string }>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: { status: 400, message: 'The body is not valid JSON.' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { status: 400, message: 'The body is empty, but its content type says JSON.' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: {
    status: 400,
    message: 'The body is not as long as its Content-Length.',
  },
  FST_ERR_CTP_BODY_TOO_LARGE: { status: 413, message: 'The body is too large.' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 415, message: 'This content type is not accepted here.' },
  FST_ERR_BAD_URL: { status: 400, message: 'The address is not a valid URL.' },
  FST_ERR_MAX_LIMIT: { status: 414, message: 'The address is too long.' },
}

/** Any thrown value as an HttpError. What is not meant for the client becomes a 500 that says nothing of it. */
export function httpErrorOf(error: unknown): HttpError {
  if (error instanceof HttpError) return error
  const { code, statusCode } = (error ?? {}) as Partial<FastifyError>
  const refusal = code === undefined ? undefined : refusals[code]
  if (refusal) return new HttpError(refusal.status, { message: refusal.message, cause: error })
  const known = knownCause(error)
  if (known) return known
  const isRefusal =
    code?.startsWith('FST_') === true && statusCode !== undefined && statusCode >= 400 && statusCode < 500
  return new HttpError(isRefusal ? statusCode : 500, { cause: error })
}

/** Failures of the database that say something about the moment or the request rather than about the app. */
function knownCause(error: unknown): HttpError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown }
    if (code === 'DATA_UNREACHABLE' || code === 'DATA_POOL_BUSY') {
      return new HttpError(503, { cause: error, headers: { 'retry-after': '1' } })
    }
    // PostgreSQL's text holds no NUL; whoever sends one gets it back.
    if (code === '22021')
      return new HttpError(400, {
        message: 'The request contains a character that cannot be stored.',
        cause: error,
      })
  }
  return undefined
}
