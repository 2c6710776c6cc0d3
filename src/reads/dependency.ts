import type { Residual } from './residual.ts'

/**
 * The stored form of a read: which rows and columns of which table a response depended on.
 *
 * A row meets the dependency when, for **every** column of `equals`, its value (as `keyText` of PostgreSQL's text
 * output) is one of the listed values, and every residual condition holds. `{}` without residuals is the whole
 * table. OR across columns gives several dependencies.
 */
export interface Dependency {
  /** Schema-qualified, unquoted: `public.articles`. */
  readonly table: string
  readonly equals: Readonly<Record<string, readonly string[]>>
  /** Absent: none. */
  readonly residuals?: readonly Residual[]
  /** Columns whose change can change the result, conditions and ordering included; null means all of them. */
  readonly columns: readonly string[] | null
}

/** The step of the precision ladder a dependency reached; shown by `quintet explain`. */
export type Step = 'table' | 'equality' | 'residual'

export function stepOf(dependency: Dependency): Step {
  if (dependency.residuals?.length) return 'residual'
  for (const _ in dependency.equals) return 'equality'
  return 'table'
}
