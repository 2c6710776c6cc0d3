import pg from 'pg'
import type { SessionState } from './query.ts'

/** A query of one statement that is about to go to any free connection of the pool, outside of every transaction. */
export interface PooledQuery {
  readonly text: string
  readonly values: readonly unknown[]
  /** What the handle it was asked through is marked with (`Database.marked`). */
  readonly mark: string | undefined
  /** What texts mean on the pool's connections; a connection whose session was altered is never in the pool. */
  readonly session: SessionState
  /** Equal for two queries only if the server is sent the same text and parameters, and takes them the same way. */
  identity(): string
}

/** A result in the text that the server sent: nobody can alter it, and each caller gets rows parsed for it alone. */
export interface WireResult {
  readonly command: string
  readonly rowCount: number | null
  readonly fields: readonly Readonly<pg.FieldDef>[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/**
 * May answer a query in the server's place. It is called synchronously, in the caller's async context; undefined:
 * the query goes its usual way. `send` runs it as ever, listeners included.
 */
export type QueryInterceptor = (
  query: PooledQuery,
  send: () => Promise<WireResult>,
) => Promise<WireResult> | undefined

/** How a caller wants its rows: what `pg` takes beside the text. */
export interface RowForm {
  readonly rowMode?: string
  readonly types?: pg.CustomTypesConfig
}

const asSent = (value: string): string => value

/** The form in which a result can be kept. */
export const wireForm: RowForm = {
  rowMode: 'array',
  types: { getTypeParser: () => asSent } as unknown as pg.CustomTypesConfig,
}

/** What of `pg`'s result class parses rows. */
interface Parsing extends pg.QueryResult {
  addFields(fields: readonly pg.FieldDef[]): void
  parseRow(row: readonly (string | null)[]): unknown
}
const PgResult = (
  pg as unknown as {
    Result: new (mode: string | undefined, types: pg.CustomTypesConfig | undefined) => Parsing
  }
).Result

export function wireResult(result: pg.QueryResult): WireResult {
  const { command, rowCount, fields, rows } = result
  for (const field of fields) Object.freeze(field)
  return { command, rowCount, fields, rows: rows as (string | null)[][] }
}

/** The result as `pg` would have handed it to this caller: new rows and values each time. */
export function parsedResult(wire: WireResult, form: RowForm): pg.QueryResult {
  const result = new PgResult(form.rowMode, form.types)
  result.command = wire.command
  result.rowCount = wire.rowCount
  result.addFields([...wire.fields])
  result.rows = wire.rows.map(row => result.parseRow(row)) as never[]
  return result
}

const { prepareValue } = (
  pg as unknown as { utils: { prepareValue(value: unknown): string | Buffer | null } }
).utils

/** See {@link PooledQuery.identity}. Lengths stand before texts, so that no two lists run together to one. */
export function identityOf(text: string, values: readonly unknown[], session: SessionState): string {
  let identity = `${session.database}\0${session.role}\0${session.searchPath}\0${text.length}:${text}`
  for (const value of values) {
    const sent = prepareValue(value)
    if (sent === null) identity += '\0'
    else if (typeof sent === 'string') identity += `\0${sent.length}:${sent}`
    else identity += `\0b${sent.length}:${sent.toString('latin1')}`
  }
  return identity
}
