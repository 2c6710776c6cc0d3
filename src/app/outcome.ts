/** Messages by field name (dotted for nested input: `article.title`); `''` holds those of no single field. */
export type FieldErrors = Readonly<Partial<Record<string, readonly string[]>>>

export interface HttpErrorOptions {
  /** Shown to the client as the problem's detail; keep secrets out of it. */
  message?: string
  errors?: FieldErrors
  headers?: Readonly<Record<string, string>>
  cause?: unknown
}

/**
 * An answer other than success, thrown from a load, an action or a handler. Routes turn it into the body that
 * `errorBody` makes; an action's error with `errors` shows the page again with them; other pages show the error page.
 */
export class HttpError extends Error {
  readonly status: number
  readonly errors: FieldErrors | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, options: HttpErrorOptions = {}) {
    super(options.message ?? reasons[status] ?? `Status ${status}`, { cause: options.cause })
    this.name = 'HttpError'
    this.status = status
    this.errors = options.errors
    this.headers = options.headers ?? {}
  }
}

/** The short titles of the statuses that the framework itself answers. */
export const reasons: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  429: 'Too many requests',
  500: 'Something went wrong',
  503: 'Not available',
}

/** What {@link redirect} makes: return it, or throw it from deeper down. */
export class Redirect {
  readonly to: string
  readonly status: number
  constructor(to: string, status: number) {
    this.to = to
    this.status = status
  }
}

/** Sends the client elsewhere: `return redirect('/login')`. Status 303 (See Other) unless told otherwise. */
export function redirect(to: string, status: 301 | 302 | 303 | 307 | 308 = 303): Redirect {
  return new Redirect(to, status)
}

/** Throws a 404: `const article = (await bySlug(db, slug)) ?? notFound()`. */
export function notFound(errors?: FieldErrors): never {
  throw new HttpError(404, { errors })
}

/** Throws a 403. */
export function forbidden(errors?: FieldErrors): never {
  throw new HttpError(403, { errors })
}

/**
 * Input that cannot be accepted, status 422: `return invalid({ email: ['has already been taken'] })` from an action,
 * or `throw` it from anywhere.
 */
export function invalid(errors: FieldErrors): HttpError {
  return new HttpError(422, { errors })
}
