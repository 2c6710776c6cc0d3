import type { PooledQuery, QueryInterceptor, WireResult } from '../data/index.ts'
import type { Analyzer } from '../reads/index.ts'
import type { Computation } from './computation.ts'
import type { SharedValues } from './sharedValues.ts'

/** Queries through `database.marked(sharedReads)` are shared whatever the setting says. */
export const sharedReads = 'shared'

export interface QueryCacheOptions {
  readonly values: SharedValues
  readonly analyzer: Analyzer
  /**
   * Share all reads outside transactions, not only the marked ones; but not those of requests that may write, which
   * decide by what they read. Default false.
   */
  readonly all?: boolean
}

/** A database of the data room. */
export interface Interceptable {
  intercept(interceptor: QueryInterceptor): () => void
}

/**
 * Serves reads outside transactions from results that other requests fetched (`SharedValues` says who may share).
 * Results are kept as the text that the server sent: strings can't be altered, so nothing is cloned or frozen, and
 * every caller has its rows parsed for itself, in the form that it asks for, as if the server had answered.
 *
 * Only what is proven to be a read is ever shared or joined; a query outside of any recorder runs as ever.
 * Returns the function that stops it.
 */
export function cacheQueries(database: Interceptable, options: QueryCacheOptions): () => void {
  const { values, analyzer, all = false } = options

  return database.intercept((query, send) => {
    // Asked before the text is looked at: whoever can't share pays nothing.
    if (query.mark !== sharedReads && (!all || values.acts())) return undefined
    if (!values.mayShare()) return undefined
    const key = `q${query.identity()}`
    // What is kept was found to be a read when it was computed, and a change of the schema drops it.
    if (!values.has(key) && analyzer.analyze(query.text, query.session).kind !== 'read') return undefined
    return values.use(key, computation(query, send))
  })
}

function computation(query: PooledQuery, send: () => Promise<WireResult>): Computation<WireResult> {
  return { kind: 'query', name: query.text, compute: send, bytes: bytesOf }
}

/** JavaScript's own cost of strings and lists, roughly. */
function bytesOf({ rows, fields }: WireResult): number {
  let bytes = 256 + 128 * fields.length
  for (const row of rows) {
    bytes += 32 + 24 * row.length
    for (const value of row) if (value !== null) bytes += value.length
  }
  return bytes
}
