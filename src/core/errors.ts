/**
 * An error a person can act on: what went wrong with the actual value in it, and what to do about it.
 * Every room keeps its own in one table, `errors.ts`, made with {@link defineErrors}.
 */
export class QuintetError extends Error {
  readonly code: string
  /** What the reader should do; never empty. */
  readonly remedy: string

  constructor(code: string, message: string, remedy: string, options?: { cause?: unknown }) {
    super(`${code}: ${message} ${remedy}`, options)
    this.name = 'QuintetError'
    this.code = code
    this.remedy = remedy
  }
}

/** One row of a table of errors: the message from the facts, and the remedy. */
export interface ErrorRow<Facts> {
  message: (facts: Facts) => string
  remedy: string | ((facts: Facts) => string)
}

/**
 * Makes a room's error constructors from its table.
 *
 * ```ts
 * export const errors = defineErrors({
 *   DATA_PORT_TAKEN: {
 *     message: (f: { port: number }) => `Port ${f.port} is in use.`,
 *     remedy: 'Stop the other program, or set database: { port }.',
 *   },
 * })
 * throw errors.DATA_PORT_TAKEN({ port: 8432 })
 * ```
 */
export function defineErrors<
  // biome-ignore lint/suspicious/noExplicitAny: each row has its own facts; the mapped type below restores them
  const Table extends Record<string, ErrorRow<any>>,
>(
  table: Table,
): {
  [Code in keyof Table]: Table[Code] extends ErrorRow<infer Facts>
    ? (facts: Facts, options?: { cause?: unknown }) => QuintetError
    : never
} {
  const made: Record<string, (facts: unknown, options?: { cause?: unknown }) => QuintetError> = {}
  for (const [code, row] of Object.entries(table)) {
    made[code] = (facts, options) =>
      new QuintetError(
        code,
        row.message(facts),
        typeof row.remedy === 'function' ? row.remedy(facts) : row.remedy,
        options,
      )
  }
  return made as never
}
