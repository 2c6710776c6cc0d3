import type { A_Expr, Node } from 'libpg-query'
import type { Findings } from './findings.ts'
import { as, conjuncts, dotted } from './node.ts'
import { arrayOf, type KeyColumn, keyColumn, resolveRef, sourceOf, sourcesOf } from './operands.ts'
import { type ResidualFact, residualsOf } from './residual.ts'
import type { View } from './scope.ts'
import type { Source } from './template.ts'

/** A column is one of these values. */
export interface ValueFact {
  readonly kind: 'value'
  readonly column: KeyColumn
  readonly values: readonly Source[]
}

/**
 * What must hold for a row to matter. All but some residuals are strict: no NULL meets them, so that a row which an
 * outer join filled with NULLs never does.
 */
export type Fact =
  | ValueFact
  | ResidualFact
  | { readonly kind: 'same'; readonly left: KeyColumn; readonly right: KeyColumn }
  /** One of these conjunctions holds. */
  | { readonly kind: 'or'; readonly alternatives: readonly (readonly ValueFact[])[] }

const mostAlternatives = 32

/** The facts that the condition's top-level conjuncts state; conjuncts of any other form state none. */
export function factsOf(condition: Node | undefined, view: View, findings: Findings): Fact[] {
  if (!findings.equalityIsBuiltIn) return []
  return conjuncts(condition).flatMap(conjunct => [
    ...factsOfConjunct(conjunct, view, findings),
    ...residualsOf(conjunct, view, findings),
  ])
}

function factsOfConjunct(node: Node, view: View, findings: Findings): Fact[] {
  const expression = as('A_Expr', node)
  if (expression) return factsOfComparison(expression, view, findings)
  const bool = as('BoolExpr', node)
  if (bool?.boolop === 'OR_EXPR') return disjunction(bool.args ?? [], view, findings)
  if (bool?.boolop === 'NOT_EXPR') return truth(bool.args?.[0], false, view, findings)
  const test = as('BooleanTest', node)
  if (test?.booltesttype === 'IS_TRUE' || test?.booltesttype === 'IS_FALSE') {
    return truth(test.arg, test.booltesttype === 'IS_TRUE', view, findings)
  }
  return truth(node, true, view, findings)
}

/** A bare boolean column as a condition. */
function truth(node: Node | undefined, value: boolean, view: View, findings: Findings): Fact[] {
  if (resolveRef(node, view)?.kind !== 'column') return []
  const column = keyColumn(node, view, findings)
  return column?.family === 'bool' ? [{ kind: 'value', column, values: [{ kind: 'constant', value }] }] : []
}

function factsOfComparison(expression: A_Expr, view: View, findings: Findings): Fact[] {
  const { schema, name } = dotted(expression.name)
  if (name !== '=' || (schema !== undefined && schema !== 'pg_catalog')) return []
  const { kind, lexpr, rexpr } = expression
  if (kind === 'AEXPR_OP') return equality(lexpr, rexpr, view, findings)
  if (kind !== 'AEXPR_IN' && kind !== 'AEXPR_OP_ANY') return []
  const column = keyColumn(lexpr, view, findings)
  if (!column) return []
  const values =
    kind === 'AEXPR_IN'
      ? sourcesOf(as('List', rexpr)?.items ?? [], column.family, findings)
      : arrayOf(rexpr, column.family, findings)
  return values && values.length > 0 ? [{ kind: 'value', column, values }] : []
}

function equality(left: Node | undefined, right: Node | undefined, view: View, findings: Findings): Fact[] {
  const leftRow = as('RowExpr', left)?.args
  const rightRow = as('RowExpr', right)?.args
  if (leftRow && rightRow && leftRow.length === rightRow.length) {
    return leftRow.flatMap((node, index) => equality(node, rightRow[index], view, findings))
  }
  const leftColumn = keyColumn(left, view, findings)
  const rightColumn = keyColumn(right, view, findings)
  if (leftColumn && rightColumn) {
    return leftColumn.family === rightColumn.family
      ? [{ kind: 'same', left: leftColumn, right: rightColumn }]
      : []
  }
  const column = leftColumn ?? rightColumn
  const value = column && sourceOf(leftColumn ? right : left, column.family, findings)
  return value ? [{ kind: 'value', column, values: [value] }] : []
}

function disjunction(nodes: readonly Node[], view: View, findings: Findings): Fact[] {
  const alternatives: ValueFact[][] = []
  for (const node of nodes) {
    const facts = factsOf(node, view, findings).filter(fact => fact.kind === 'value')
    if (facts.length === 0) return []
    alternatives.push(facts)
  }
  return alternatives.length <= mostAlternatives ? [{ kind: 'or', alternatives }] : []
}
