import type { OracleCase } from './audit.ts'

/** Every failure ever found by the oracle, shrunk, as the SQL it was: the grammar may change, these stay. */
export const found: readonly (OracleCase & { readonly name: string })[] = []
