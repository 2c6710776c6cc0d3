import type { Change, Row } from '../feed/index.ts'
import { type Dependency, meetsResidual, sortsUpTo } from '../reads/index.ts'

/**
 * Whether a committed change can have changed what was read: the one definition that the index, the check at
 * filling and the oracle all follow. It errs only towards true.
 *
 * - insert: the new row meets the conditions; delete: the old row does
 * - update: the old or the new row does, and a column that was read has changed (a column that the change does
 *   not carry may have changed: DESIGN §3 rule 3)
 * - a dependency on one version of the row (`old`, `new`) looks at that version only
 * - table: the same table; everything: always
 */
export function matches(dependency: Dependency, change: Change): boolean {
  if (change.kind === 'everything') return true
  if (change.table !== dependency.table) return false
  switch (change.kind) {
    case 'table':
      return true
    case 'insert':
      return dependency.version !== 'old' && meets(change.new, dependency)
    case 'delete':
      return dependency.version !== 'new' && meets(change.old, dependency)
    case 'update':
      return (
        readsChanged(dependency.columns, change.changed, change.new) &&
        ((dependency.version !== 'new' && meets(change.old, dependency)) ||
          (dependency.version !== 'old' && meets(change.new, dependency)))
      )
  }
}

/** True if every condition holds for the row; a column missing from the row counts as holding. */
function meets(row: Row, { equals, residuals, upTo }: Dependency): boolean {
  for (const column in equals) {
    const value = row[column]
    if (value === undefined) continue
    if (value === null || !equals[column]?.includes(value)) return false
  }
  if (residuals?.some(residual => !meetsResidual(residual, row))) return false
  return upTo === undefined || sortsUpTo(upTo, row)
}

function readsChanged(columns: readonly string[] | null, changed: readonly string[], row: Row): boolean {
  if (columns === null) return true
  for (const column of columns) {
    if (changed.includes(column) || row[column] === undefined) return true
  }
  return false
}
