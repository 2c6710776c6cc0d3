import type { A_Expr, Node } from 'libpg-query'
import { type Family, familyOfValue } from './canonical.ts'
import type { Findings } from './findings.ts'
import { isMoment } from './moments.ts'
import { as, dotted } from './node.ts'
import { castFamily, resolveRef } from './operands.ts'
import type { View } from './scope.ts'

const comparisons = new Set(['=', '<>', '!=', '<', '>', '<=', '>='])
const textKinds = new Set(['AEXPR_LIKE', 'AEXPR_ILIKE', 'AEXPR_SIMILAR'])
const otherKinds = new Set([
  'AEXPR_IN',
  'AEXPR_BETWEEN',
  'AEXPR_NOT_BETWEEN',
  'AEXPR_BETWEEN_SYM',
  'AEXPR_NOT_BETWEEN_SYM',
  'AEXPR_DISTINCT',
  'AEXPR_NOT_DISTINCT',
  'AEXPR_NULLIF',
])

/**
 * The operands of a comparison that remain to be walked. Literals and parameters that are compared with a column
 * of a known family are dealt with here: PostgreSQL takes them for values of that family, so that a parameter's type
 * is certain, and a literal is no date unless the family is.
 */
export function remainingOperands(expression: A_Expr, view: View, findings: Findings): Node[] {
  const { kind, lexpr, rexpr } = expression
  const operands = [lexpr, rexpr].filter(node => node !== undefined)
  if (kind === 'AEXPR_OP' && comparisons.has(dotted(expression.name).name)) {
    const left = as('RowExpr', lexpr)?.args
    const right = as('RowExpr', rexpr)?.args
    if (left && right && left.length === right.length) {
      return left.flatMap((node, index) => remainingOf([node, right[index]], view, findings))
    }
    return remainingOf(operands, view, findings)
  }
  if ((kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_OP_ALL') && comparisons.has(dotted(expression.name).name)) {
    return remainingOf(operands, view, findings)
  }
  if (kind && textKinds.has(kind)) return operands.flatMap(node => settle(node, 'text', findings))
  return kind && otherKinds.has(kind) ? remainingOf(operands, view, findings) : operands
}

function remainingOf(nodes: readonly (Node | undefined)[], view: View, findings: Findings): Node[] {
  const operands = nodes.filter(node => node !== undefined)
  let family: Family | undefined
  for (const node of operands) {
    const resolved = resolveRef(node, view)
    if (resolved?.kind === 'column') family ??= familyOfValue(resolved.place.column, findings.catalog)
  }
  return family ? operands.flatMap(node => settle(node, family, findings)) : operands
}

/** What is left of the node once values of the family are settled. */
function settle(node: Node, family: Family, findings: Findings): Node[] {
  if ('A_Const' in node) return isMoment(family) ? [node] : []
  const param = as('ParamRef', node)
  if (param) {
    findings.useParameter(param.number ?? 0, family)
    return []
  }
  const items = as('List', node)?.items ?? as('A_ArrayExpr', node)?.elements
  if (items) return items.flatMap(item => settle(item, family, findings))
  const cast = as('TypeCast', node)
  // A moment cast from text that is stored is judged by the cast: it may say 'today'.
  if (cast?.arg && !(isMoment(family) && !('A_Const' in cast.arg || 'ParamRef' in cast.arg))) {
    if (castFamily(cast.typeName, findings) === family) return settle(cast.arg, family, findings)
  }
  return [node]
}
