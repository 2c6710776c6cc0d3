import type { FuncCall, SelectStmt, SubLink } from 'libpg-query'
import type { Findings } from './findings.ts'
import { dotted } from './node.ts'

/**
 * Whether each row of the result is made of one row of each table in FROM, and nothing else decides what is in it:
 * no set operation, grouping, DISTINCT, window or set-returning function. An aggregate without GROUP BY needs no
 * look: it can't stand beside a plain column, and without one nothing can be read off the result.
 */
export function showsRows(select: SelectStmt, findings: Findings): boolean {
  if (select.op && select.op !== 'SETOP_NONE') return false
  if (select.valuesLists || select.groupClause || select.havingClause || select.distinctClause) return false
  if (select.windowClause || select.limitOption === 'LIMIT_OPTION_WITH_TIES') return false
  return !hasOddCall([select.targetList, select.sortClause], findings)
}

function hasOddCall(tree: unknown, findings: Findings): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  if (Array.isArray(tree)) return tree.some(part => hasOddCall(part, findings))
  return Object.entries(tree).some(([tag, body]) => {
    // Its calls are its own, but for aggregates: see above.
    if (tag === 'SubLink') return hasOddCall((body as SubLink).testexpr, findings)
    if (tag === 'JsonArrayAgg' || tag === 'JsonObjectAgg') return true
    if (tag === 'FuncCall') {
      const call = body as FuncCall
      if (call.over || findings.catalog.setReturning.has(dotted(call.funcname).name)) return true
    }
    return hasOddCall(body, findings)
  })
}
