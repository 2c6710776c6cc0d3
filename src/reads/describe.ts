import type { BoundaryKey } from './boundary.ts'
import type { Dependency } from './dependency.ts'
import type { Residual } from './residual.ts'

/** The conditions of a dependency in the words of SQL, for `quintet explain`: `slug = 'a'`, `id in ('1', '2')`, `id > '3'`. */
export function conditionsOf({ equals, residuals = [], upTo }: Dependency): string[] {
  const equalities = Object.entries(equals).map(([column, values]) =>
    values.length === 1
      ? `${column} = ${quoted(values[0])}`
      : `${column} in (${values.map(quoted).join(', ')})`,
  )
  return [...equalities, ...residuals.map(residualText), ...(upTo ? [boundaryText(upTo)] : [])]
}

function boundaryText(upTo: readonly BoundaryKey[]): string {
  const keys = upTo.map(({ column, descending, value }) => {
    const text = value === null ? 'null' : quoted(value)
    return `${column}${descending ? ' desc' : ''} ${text}`
  })
  return `up to ${keys.join(', ')}`
}

function residualText(residual: Residual): string {
  switch (residual.op) {
    case 'is null':
    case 'is not null':
      return `${residual.column} ${residual.op}`
    case 'is not':
      return `${residual.column} is distinct from ${quoted(residual.value)}`
    case 'starts with':
      return `${residual.column} like ${quoted(`${residual.value}%`)}`
    default:
      return `${residual.column} ${residual.op} ${quoted(residual.value)}`
  }
}

const quoted = (value: string | undefined): string => `'${value}'`
