import type { BoundaryKey } from './boundary.ts'
import type { Residual } from './residual.ts'

/**
 * The stored form of a read: which rows and columns of which table a response depended on.
 *
 * A row meets the dependency when, for **every** column of `equals`, its value (as `keyText` of PostgreSQL's text
 * output) is one of the listed values, every residual condition holds, and it sorts up to the boundary. `{}` without
 * the others is the whole table. OR across columns gives several dependencies.
 */
export interface Dependency {
  /** Schema-qualified, unquoted: `public.articles`. */
  readonly table: string
  readonly equals: Readonly<Record<string, readonly string[]>>
  /** Absent: none. */
  readonly residuals?: readonly Residual[]
  /** Where a full list ends (`ORDER BY … LIMIT`): rows that sort after it are not on it. Absent: no such end. */
  readonly upTo?: readonly BoundaryKey[]
  /**
   * Which version of a changed row counts. `old`: rows that were in the result (updates and deletes, by the row as it
   * was). `new`: rows that may come into it (inserts and updates, by the row as it is now). Absent: either.
   */
  readonly version?: 'old' | 'new'
  /** Columns whose change can change the result, conditions and ordering included; null means all of them. */
  readonly columns: readonly string[] | null
}

/** The step of the precision ladder a dependency reached; shown by `quintet explain`. */
export type Step = 'table' | 'equality' | 'residual' | 'result keys' | 'top-k'

export function stepOf(dependency: Dependency): Step {
  if (dependency.upTo) return 'top-k'
  if (dependency.version === 'old') return 'result keys'
  if (dependency.residuals?.length) return 'residual'
  for (const _ in dependency.equals) return 'equality'
  return 'table'
}
