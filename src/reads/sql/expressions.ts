import type {
  A_Expr,
  A_Indirection,
  FuncCall,
  JsonAggConstructor,
  JsonFuncExpr,
  JsonKeyValue,
  Node,
  SelectStmt,
  SubLink,
  TypeCast,
  TypeName,
  WindowDef,
} from 'libpg-query'
import { mentionsClock } from './clockWords.ts'
import { remainingOperands } from './comparison.ts'
import type { Fact } from './facts.ts'
import type { Findings } from './findings.ts'
import { isMomentary, judgeFunction, takesText } from './functions.ts'
import type { Ctes } from './level.ts'
import { isMoment } from './moments.ts'
import { as, dotted, open, strings } from './node.ts'
import { castFamily, constantValue, resolveRef } from './operands.ts'
import { markAll, markRead, type View } from './scope.ts'
import { castsWithoutClock, isInstant, isTimeFunction, isTimeType } from './times.ts'

/** Where an expression stands. */
export interface Place {
  readonly view: View
  readonly ctes: Ctes
  /** What holds for the rows around, wherever a subquery's result matters. */
  readonly env: readonly Fact[]
  /** Names of output columns that GROUP BY and ORDER BY may mean. */
  readonly outputs?: ReadonlySet<string>
  readonly findings: Findings
  /** Walks a subquery whose level lies within `place.view`, and of which its outputs matter, or only if it has rows. */
  readonly select: (select: SelectStmt, place: Place, wanted: 'outputs' | 'rows') => void
}

/**
 * Walks an expression: marks the columns it reads, and refuses what isn't known to be a function of rows and
 * parameters alone. Nodes that are not listed are refused.
 */
export function walk(node: Node | undefined, place: Place): void {
  if (!node) return
  const { findings } = place
  const [tag, body] = open(node)
  switch (tag) {
    case 'ColumnRef':
      walkColumn(node, place)
      return
    case 'A_Const': {
      const value = as('A_Const', node)
      const text = value && constantValue(value)
      if (typeof text === 'string' && mentionsClock(text)) {
        findings.refuse(`'${text}' may be read as the current time`)
      }
      return
    }
    case 'ParamRef':
      findings.useParameter((body.number as number) ?? 0, undefined)
      return
    case 'A_Expr':
      walkOperator(body as A_Expr, place)
      return
    case 'TypeCast':
      walkCast(body as TypeCast, place)
      return
    case 'FuncCall':
      walkCall(body as FuncCall, place)
      return
    case 'SubLink': {
      const link = body as SubLink
      walk(link.testexpr, place)
      if (link.testexpr) checkOperator(link.operName ? strings(link.operName) : ['='], findings)
      const select = as('SelectStmt', link.subselect)
      if (select) place.select(select, place, link.subLinkType === 'EXISTS_SUBLINK' ? 'rows' : 'outputs')
      else findings.refuse('a subquery is not a SELECT', true)
      return
    }
    case 'A_Indirection':
      walkIndirection(body as A_Indirection, place)
      return
    case 'JsonFuncExpr':
    case 'JsonTable':
      walkJson(body, place)
      return
    case 'JsonArrayQueryConstructor': {
      const select = as('SelectStmt', body.query as Node)
      if (select) place.select(select, place, 'outputs')
      return
    }
    case 'JsonObjectAgg':
    case 'JsonArrayAgg': {
      const agg = (body.constructor ?? {}) as JsonAggConstructor
      const { key, value } = (body.arg ?? {}) as JsonKeyValue
      walkAll(tag === 'JsonObjectAgg' ? [key, value] : body.arg, place)
      walkAll(agg.agg_order, place)
      walk(agg.agg_filter, place)
      if (agg.over) walkWindow(agg.over, place)
      return
    }
    case 'SQLValueFunction':
      refuseValue(String(body.op).replace('SVFOP_', ''), findings)
      return
    default: {
      const parts = children.get(tag)
      if (!parts) findings.refuse(`${tag} is not understood`, true)
      for (const part of parts ?? []) walkAll(body[part], place)
    }
  }
}

/** Expressions that only combine others: the fields that hold them. */
const children = new Map<string, readonly string[]>([
  ['BoolExpr', ['args']],
  ['NullTest', ['arg']],
  ['BooleanTest', ['arg']],
  ['CoalesceExpr', ['args']],
  ['MinMaxExpr', ['args']],
  ['CaseExpr', ['arg', 'args', 'defresult']],
  ['CaseWhen', ['expr', 'result']],
  ['A_ArrayExpr', ['elements']],
  ['RowExpr', ['args']],
  ['List', ['items']],
  ['A_Indices', ['lidx', 'uidx']],
  ['CollateClause', ['arg']],
  ['GroupingFunc', ['args']],
  ['GroupingSet', ['content']],
  ['SortBy', ['node']],
  ['NamedArgExpr', ['arg']],
  ['ResTarget', ['val']],
  ['JsonObjectConstructor', ['exprs']],
  ['JsonArrayConstructor', ['exprs']],
  ['JsonKeyValue', ['key', 'value']],
  ['JsonValueExpr', ['raw_expr']],
  ['JsonIsPredicate', ['expr']],
  ['JsonArgument', ['val']],
  ['JsonParseExpr', ['expr']],
  ['JsonScalarExpr', ['expr']],
  ['JsonSerializeExpr', ['expr']],
])

/** JSON_VALUE, JSON_QUERY, JSON_EXISTS, and the columns of JSON_TABLE. Their paths know no clock; a type's input may. */
function walkJson(body: Record<string, unknown>, place: Place): void {
  const returned =
    (body.output as JsonFuncExpr['output'])?.typeName ?? (body.typeName as TypeName | undefined)
  if (isTimeType(returned, place.findings)) {
    place.findings.refuse("a date or time is read from JSON that may say 'today'")
  }
  walkAll(body.context_item, place)
  // A path is a constant, or an expression; JSON_TABLE gives it a name as well.
  const path = body.pathspec as (Node & { string?: Node }) | undefined
  walk(path?.string ?? (path && !('name_location' in path) ? path : undefined), place)
  walkAll(body.passing, place)
  for (const behavior of [body.on_empty, body.on_error]) {
    walk((behavior as JsonFuncExpr['on_error'])?.expr, place)
  }
  for (const column of (body.columns ?? []) as Node[]) walkJson(open(column)[1], place)
}

/** Walks a field that holds a node, a list of nodes, or a body without its tag. */
export function walkAll(field: unknown, place: Place): void {
  if (field === undefined || field === null) return
  if (Array.isArray(field)) for (const node of field) walkAll(node, place)
  else if (typeof field === 'object' && 'raw_expr' in field) walk(field.raw_expr as Node, place)
  else walk(field as Node, place)
}

function walkColumn(node: Node, place: Place): void {
  const fields = as('ColumnRef', node)?.fields ?? []
  const last = fields.at(-1)
  if (last && 'A_Star' in last) {
    walkStar(strings(fields.slice(0, -1)), place)
    return
  }
  const resolved = resolveRef(node, place.view)
  switch (resolved?.kind) {
    case 'column':
      markRead(resolved.place)
      return
    case 'some':
      for (const found of resolved.places) markRead(found)
      return
    case 'row':
      for (const leaf of resolved.leaves) markAll(leaf)
      return
    default: {
      const name = strings(fields).join('.')
      // A name that is no column may be a function called by attribute notation.
      if (!place.outputs?.has(name)) place.findings.refuse(`${name} can't be resolved`, true)
    }
  }
}

function walkStar(qualifier: readonly string[], { view, findings }: Place): void {
  if (qualifier.length === 0) {
    for (const leaf of view.leaves) markAll(leaf)
    return
  }
  const table = qualifier.at(-1)
  for (let level: View | undefined = view; level; level = level.outer) {
    const found = level.leaves.filter(leaf => leaf.name === table)
    for (const leaf of found) markAll(leaf)
    if (found.length > 0) return
  }
  findings.refuse(`${qualifier.join('.')}.* can't be resolved`, true)
}

function walkOperator(expression: A_Expr, place: Place): void {
  checkOperator(strings(expression.name), place.findings)
  for (const operand of remainingOperands(expression, place.view, place.findings)) walk(operand, place)
}

/** Operators of the user's own are trusted only if they are immutable and written in C, as extensions' are. */
export function checkOperator(name: readonly string[], findings: Findings): void {
  const schema = name.length > 1 ? name.at(-2) : undefined
  const symbols = /BETWEEN/.test(name.at(-1) ?? '') ? ['<', '<=', '>', '>='] : name.slice(-1)
  if (schema === 'pg_catalog') return
  for (const operator of findings.catalog.operators) {
    if (symbols.includes(operator.name) && !operator.native) {
      findings.refuse(`the operator ${operator.name} may be one of the database's own`, true)
    }
  }
}

function walkCast(cast: TypeCast, place: Place): void {
  const { findings, view } = place
  const { name } = dotted(cast.typeName?.names)
  if (/^reg/.test(name)) findings.refuse(`a cast to ${name} reads the catalog`)
  if (name === 'timetz') findings.refuse('a cast to timetz reads the clock')
  if (isTimeType(cast.typeName, findings) && !castsWithoutClock(cast.arg, view)) {
    findings.refuse(`a cast to ${name} of text that may say 'today'`)
  }
  const family = castFamily(cast.typeName, findings)
  const param = as('ParamRef', cast.arg)
  if (family && param) findings.useParameter(param.number ?? 0, family)
  else if (!(family && !isMoment(family) && cast.arg && 'A_Const' in cast.arg)) walk(cast.arg, place)
}

/** What is written like a word: `CURRENT_DATE`, `LOCALTIME(3)`, `CURRENT_USER`. */
function refuseValue(name: string, findings: Findings): void {
  const reason = `${name} depends on the clock or the session`
  if (/^(?:CURRENT_(?:DATE|TIME|TIMESTAMP)|LOCALTIME|LOCALTIMESTAMP)(?:_N)?$/.test(name))
    findings.refuseUnlessAged(reason)
  else findings.refuse(reason)
}

function walkCall(call: FuncCall, place: Place): void {
  const { findings } = place
  const { schema, name } = dotted(call.funcname)
  const verdict =
    schema !== undefined && schema !== 'pg_catalog' ? 'unknown' : judgeFunction(name, call.args?.length ?? 0)
  if (schema !== 'pg_catalog' && findings.catalog.functions.has(name)) {
    findings.refuse(`${name}() may be a function of the database's own`, true)
  } else if (verdict === 'harmless' && isMomentary(name)) {
    findings.refuseUnlessAged(`${name}() depends on more than what is stored`)
  } else if (verdict !== 'pure') {
    findings.refuse(
      verdict === 'harmless'
        ? `${name}() depends on more than what is stored`
        : `${name}() is not known to depend on its arguments alone`,
      verdict === 'unknown',
    )
  }
  if (isTimeFunction(name) && !castsWithoutClock(call.args?.[0], place.view)) {
    findings.refuse(`${name}() of text that may say 'today'`)
  }
  if (name === 'timezone' && !isInstant(call.args?.[1], place.view)) {
    findings.refuse('AT TIME ZONE on what may be a time of day reads the clock')
  }
  const textual = takesText(name)
  for (const argument of call.args ?? []) {
    if (!(textual && 'A_Const' in argument)) walk(argument, place)
  }
  walkAll(call.agg_order, place)
  walk(call.agg_filter, place)
  if (call.over) walkWindow(call.over, place)
}

export function walkWindow(window: WindowDef, place: Place): void {
  walkAll(window.partitionClause, place)
  walkAll(window.orderClause, place)
  walk(window.startOffset, place)
  walk(window.endOffset, place)
}

function walkIndirection(indirection: A_Indirection, place: Place): void {
  const field = resolveRef({ A_Indirection: indirection }, place.view)
  if (field?.kind === 'column') markRead(field.place)
  if (field) return
  walk(indirection.arg, place)
  for (const step of indirection.indirection ?? []) {
    // A field of a composite may be a function called by attribute notation.
    if ('A_Indices' in step) walk(step, place)
    else if (!isFieldOf(indirection, step, place))
      place.findings.refuse('a field of a composite value is read', true)
  }
}

/** True if it is certainly a field of the composite type of a column, the only step taken from it. */
function isFieldOf({ arg, indirection }: A_Indirection, step: Node, { view, findings }: Place): boolean {
  const resolved = resolveRef(arg, view)
  if (resolved?.kind !== 'column' || indirection?.length !== 1) return false
  const type = findings.catalog.types.find(({ oid }) => oid === resolved.place.column.type)
  return type?.kind === 'c' && (type.fields?.includes(as('String', step)?.sval ?? '') ?? false)
}
