import type { Node, SelectStmt } from 'libpg-query'
import { as, dotted, open } from './node.ts'

/**
 * The names of a SELECT's output columns, as PostgreSQL chooses them; null where that isn't certain (`*`, or an
 * expression whose name is a matter of detail).
 */
export function outputNames(select: SelectStmt | undefined): string[] | null {
  let first = select
  while (first?.larg) first = first.larg
  if (!first) return null
  if (first.valuesLists) {
    const width = as('List', first.valuesLists[0])?.items?.length ?? 0
    return Array.from({ length: width }, (_, index) => `column${index + 1}`)
  }
  const names: string[] = []
  for (const target of first.targetList ?? []) {
    const result = as('ResTarget', target)
    const name = result?.name ?? nameOf(result?.val)
    if (name === undefined) return null
    names.push(name)
  }
  return names
}

/** The name of an unnamed output column, for the plain cases. */
function nameOf(node: Node | undefined): string | undefined {
  if (!node) return undefined
  const [tag] = open(node)
  if (tag === 'ColumnRef') return as('String', as('ColumnRef', node)?.fields?.at(-1))?.sval
  if (tag === 'FuncCall') return dotted(as('FuncCall', node)?.funcname).name
  return undefined
}
