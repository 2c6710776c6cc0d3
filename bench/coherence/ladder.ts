import type { Dependency } from '../../src/reads/index.ts'

/** A step of the precision ladder, by what of a dependency it looks at. */
export interface LadderStep {
  readonly name: string
  coarsen(dependency: Dependency): Dependency
}

/** From the coarsest to all that dependencies say. */
export const ladder: readonly LadderStep[] = [
  { name: 'table', coarsen: ({ table }) => ({ table, equals: {}, columns: null }) },
  { name: 'equality', coarsen: ({ table, equals }) => ({ table, equals, columns: null }) },
  { name: 'columns', coarsen: ({ table, equals, columns }) => ({ table, equals, columns }) },
  {
    name: 'residual conditions',
    coarsen: ({ table, equals, columns, residuals }) => ({ table, equals, columns, residuals }),
  },
  { name: 'all', coarsen: dependency => dependency },
]
