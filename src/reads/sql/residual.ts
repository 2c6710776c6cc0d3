import type { A_Expr, Node } from 'libpg-query'
import { keyText } from '../../data/index.ts'
import type { Ordered } from '../order.ts'
import type { Residual } from '../residual.ts'
import { canonical, familyOf, orderOf } from './canonical.ts'
import type { Findings } from './findings.ts'
import { as, dotted } from './node.ts'
import { type KeyColumn, keyColumn, resolveRef, sourceOf, sourcesOf } from './operands.ts'
import type { ColumnPlace, View } from './scope.ts'
import type { ResidualCondition, Source } from './template.ts'

/** A condition on one column beside equality. Not strict: a NULL meets it as well. */
export interface ResidualFact {
  readonly kind: 'residual'
  readonly column: ColumnPlace & Partial<KeyColumn>
  readonly op: Residual['op']
  readonly as: Ordered | undefined
  readonly source: Source | undefined
  readonly strict: boolean
}

const mirrored = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '<>': '<>' } as const
type Operator = keyof typeof mirrored

/** The residual conditions that one conjunct states. */
export function residualsOf(node: Node, view: View, findings: Findings): ResidualFact[] {
  const expression = as('A_Expr', node)
  if (expression) return comparisons(expression, view, findings)
  const nullTest = as('NullTest', node)
  if (nullTest) return nullness(nullTest.arg, nullTest.nulltesttype === 'IS_NULL', view, findings)
  const test = as('BooleanTest', node)
  if (!test) return []
  switch (test.booltesttype) {
    case 'IS_NOT_TRUE':
    case 'IS_NOT_FALSE': {
      const column = keyColumn(test.arg, view, findings)
      if (column?.family !== 'bool') return []
      const source: Source = { kind: 'constant', value: test.booltesttype === 'IS_NOT_TRUE' }
      return loose({ kind: 'residual', column, op: 'is not', as: undefined, source, strict: false }, view)
    }
    case 'IS_UNKNOWN':
    case 'IS_NOT_UNKNOWN':
      return nullness(test.arg, test.booltesttype === 'IS_UNKNOWN', view, findings)
    default:
      return []
  }
}

/** Types of which a value is NULL only as a whole; a composite of NULLs is NULL, too. */
const wholeTypes = new Set([17, 114, 700, 701, 869, 1042, 1083, 1186, 1266, 1700, 3802])

function nullness(node: Node | undefined, isNull: boolean, view: View, findings: Findings): ResidualFact[] {
  const resolved = resolveRef(node, view)
  if (resolved?.kind !== 'column' || !resolved.place.firm) return []
  const { column } = resolved.place
  if (!column.published || column.generated === 'v') return []
  if (!wholeTypes.has(column.type) && !familyOf(column, findings.catalog)) return []
  const fact: ResidualFact = {
    kind: 'residual',
    column: resolved.place,
    op: isNull ? 'is null' : 'is not null',
    as: undefined,
    source: undefined,
    strict: !isNull,
  }
  return isNull ? loose(fact, view) : [fact]
}

/** What NULL meets is followed only for the tables of this very FROM. */
function loose(fact: ResidualFact, view: View): ResidualFact[] {
  return view.leaves.includes(fact.column.leaf) ? [fact] : []
}

function comparisons(expression: A_Expr, view: View, findings: Findings): ResidualFact[] {
  const { kind, lexpr, rexpr } = expression
  const { schema, name } = dotted(expression.name)
  if (schema !== undefined && schema !== 'pg_catalog') return []
  switch (kind) {
    case 'AEXPR_OP':
      return name in mirrored ? comparison(lexpr, name as Operator, rexpr, view, findings) : []
    case 'AEXPR_BETWEEN': {
      const [low, high] = as('List', rexpr)?.items ?? []
      return [
        ...comparison(lexpr, '>=', low, view, findings),
        ...comparison(lexpr, '<=', high, view, findings),
      ]
    }
    case 'AEXPR_IN': {
      const column = name === '<>' ? keyColumn(lexpr, view, findings) : undefined
      if (!column || !findings.isBuiltIn('<>')) return []
      const sources = sourcesOf(as('List', rexpr)?.items ?? [], column.family, findings) ?? []
      return sources.map(source => ({
        kind: 'residual',
        column,
        op: '<>',
        as: undefined,
        source,
        strict: true,
      }))
    }
    case 'AEXPR_DISTINCT': {
      const column = keyColumn(lexpr, view, findings)
      const source = column && sourceOf(rexpr, column.family, findings)
      return source
        ? loose({ kind: 'residual', column, op: 'is not', as: undefined, source, strict: false }, view)
        : []
    }
    case 'AEXPR_LIKE': {
      const column = name === '~~' ? keyColumn(lexpr, view, findings) : undefined
      if (column?.family !== 'text' || !findings.isBuiltIn('~~')) return []
      const source = sourceOf(rexpr, 'text', findings)
      return source
        ? [{ kind: 'residual', column, op: 'starts with', as: undefined, source, strict: true }]
        : []
    }
    default:
      return []
  }
}

function comparison(
  left: Node | undefined,
  operator: Operator,
  right: Node | undefined,
  view: View,
  findings: Findings,
): ResidualFact[] {
  const leftRow = as('RowExpr', left)?.args
  const rightRow = as('RowExpr', right)?.args
  if (leftRow && rightRow) {
    // Rows are compared by their first columns, then by the next: of the first this much is certain.
    if (operator === '<>' || leftRow.length !== rightRow.length) return []
    return comparison(leftRow[0], operator.startsWith('<') ? '<=' : '>=', rightRow[0], view, findings)
  }
  const leftColumn = keyColumn(left, view, findings)
  const column = leftColumn ?? keyColumn(right, view, findings)
  if (!column || !findings.isBuiltIn(operator)) return []
  const source = sourceOf(leftColumn ? right : left, column.family, findings)
  const op = leftColumn ? operator : mirrored[operator]
  const order = op === '<>' ? undefined : orderOf(column.column, column.family)
  if (!source || (op !== '<>' && !order)) return []
  return [{ kind: 'residual', column, op, as: order, source, strict: true }]
}

/** Longest text that a residual condition may carry; a longer one is left out. */
const longestValue = 256

/** The condition with its value; undefined if it has no exact form, or is NULL. */
export function bindResidual(condition: ResidualCondition, values: readonly unknown[]): Residual | undefined {
  const { column, op, family, as: order, source } = condition
  if (op === 'is null' || op === 'is not null') return { column, op }
  if (!source || !family) return undefined
  const given = source.kind === 'constant' ? source.value : values[source.number - 1]
  const text = given === null || given === undefined ? undefined : canonical(given, family)
  if (text === undefined) return undefined
  switch (op) {
    case '<>':
    case 'is not':
      return { column, op, value: keyText(text) }
    case 'starts with': {
      const prefix = text.slice(0, /[%_\\]|$/.exec(text)?.index)
      return prefix === '' || prefix.length > longestValue ? undefined : { column, op, value: prefix }
    }
    default:
      return order && text.length <= longestValue ? { column, op, value: text, as: order } : undefined
  }
}
