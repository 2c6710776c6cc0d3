import type { ColumnRef, FuncCall, Node, SelectStmt } from 'libpg-query'
import { aggregates } from './functions.ts'
import { as, dotted, strings } from './node.ts'
import { resolveRef } from './operands.ts'
import type { Carried, Leaf, View } from './scope.ts'

/**
 * For which output columns a condition on the output may be taken for a condition in the SELECT's own WHERE: what
 * the planner calls pushing a qualification down. `s.n = 1` in `(select a as n from t …) s` says of t's rows that
 * only those with `a = 1` matter,
 *
 * - unless rows outside the condition decide what comes out: LIMIT and OFFSET, DISTINCT ON, window functions,
 *   aggregates over all rows;
 * - under GROUP BY only for its keys. DISTINCT compares whole rows, so that it lets every column through.
 *
 * Set operations and VALUES carry nothing.
 */
export function firmness(select: SelectStmt, view: View): (column: Carried) => boolean {
  const distinctOn = (select.distinctClause ?? []).some(node => Object.keys(node).length > 0)
  if (select.limitCount || select.limitOffset || distinctOn) return () => false
  const expressions = [select.targetList, select.havingClause, select.sortClause]
  if (select.windowClause || contains(expressions, isWindowCall)) return () => false
  if (!select.groupClause) {
    const aggregated = select.havingClause !== undefined || contains(expressions, aggregatesOver(view.leaves))
    return () => !aggregated
  }
  const keys = select.groupClause.flatMap(node => {
    const resolved = resolveRef(node, view)
    return resolved?.kind === 'column' ? [resolved.place] : []
  })
  // GROUPING SETS leave keys out of some of their groups.
  const sets = select.groupClause.some(node => 'GroupingSet' in node)
  return ({ leaf, column }) => !sets && keys.some(key => key.leaf === leaf && key.column === column)
}

/**
 * True if outputs that nobody names don't matter: they are neither compared by DISTINCT nor referred to by number
 * or by a name of their own.
 */
export function sparesOutputs(select: SelectStmt): boolean {
  if (select.distinctClause) return false
  const given = new Set((select.targetList ?? []).flatMap(target => as('ResTarget', target)?.name ?? []))
  const refers = (node: Node): boolean => {
    const [only, second] = as('ColumnRef', node)?.fields ?? []
    const name = second ? undefined : as('String', only)?.sval
    return 'A_Const' in node || 'GroupingSet' in node || (name !== undefined && given.has(name))
  }
  const sorted = (select.sortClause ?? []).flatMap(node => as('SortBy', node)?.node ?? [])
  return ![...(select.groupClause ?? []), ...sorted].some(refers)
}

/** `within`: it stands in a subquery. */
type IsCall = (call: FuncCall, tag: string, within: boolean) => boolean

const calls = new Set(['FuncCall', 'JsonObjectAgg', 'JsonArrayAgg'])

/** True if any call in the trees is as asked. */
function contains(tree: unknown, is: IsCall, within = false): boolean {
  if (typeof tree !== 'object' || tree === null) return false
  if (Array.isArray(tree)) return tree.some(part => contains(part, is, within))
  return Object.entries(tree).some(
    ([tag, body]) =>
      (calls.has(tag) && is(body as FuncCall, tag, within)) ||
      contains(body, is, within || tag === 'SubLink'),
  )
}

function isWindowCall(call: FuncCall, tag: string): boolean {
  return tag === 'FuncCall' ? call.over !== undefined : true // JSON_ARRAYAGG may have an OVER inside
}

/** Looks for aggregates of the level itself. One in a subquery is the level's if all columns it names are. */
function aggregatesOver(leaves: readonly Leaf[]): IsCall {
  const own = new Set(leaves.map(leaf => leaf.name))
  return (call, tag, within) => isAggregate(call, tag) && !(within && namesOthers(call, own))
}

function isAggregate(call: FuncCall, tag: string): boolean {
  if (tag !== 'FuncCall') return true
  const marks = [call.agg_star, call.agg_order, call.agg_filter, call.agg_distinct, call.agg_within_group]
  return marks.some(mark => mark !== undefined) || aggregates.has(dotted(call.funcname).name)
}

/** True if it names no column, or one of a table that is none of these: then it belongs to the subquery, or further out. */
function namesOthers(call: FuncCall, own: ReadonlySet<string | undefined>): boolean {
  const qualifiers: (string | undefined)[] = []
  collectRefs(call, fields => qualifiers.push(fields.length > 1 ? fields.at(-2) : undefined))
  return qualifiers.length === 0 || qualifiers.some(name => name !== undefined && !own.has(name))
}

function collectRefs(tree: unknown, see: (fields: string[]) => void): void {
  if (typeof tree !== 'object' || tree === null) return
  for (const [tag, body] of Object.entries(tree)) {
    if (tag === 'ColumnRef') see(strings((body as ColumnRef).fields))
    else collectRefs(body, see)
  }
}
