import type { Node, SelectStmt, WithClause } from 'libpg-query'
import { checkOperator, type Place, walk, walkAll, walkWindow } from './expressions.ts'
import { type Fact, factsOf } from './facts.ts'
import type { Findings } from './findings.ts'
import { type Ctes, type From, readFrom } from './from.ts'
import { concernsOnly, factsFor, joinFacts } from './joinFacts.ts'
import { templatesOf } from './narrow.ts'
import { as, open } from './node.ts'
import { outputNames } from './outputs.ts'
import type { Leaf, View } from './scope.ts'
import { isTimeType } from './times.ts'

/** Walks a whole SELECT statement. */
export function walkSelect(select: SelectStmt, findings: Findings): void {
  level(select, undefined, [], new Map(), findings)
}

/**
 * One SELECT: its CTEs, then either the arms of a set operation, a list of VALUES, or FROM and what is made of it.
 *
 * Its result is a function of the rows that meet its own facts (and of `outer` rows, for which `env` holds), so
 * that narrowing by them is sound wherever the subquery stands: under NOT EXISTS as well as under EXISTS.
 */
function level(
  select: SelectStmt,
  outer: View | undefined,
  env: readonly Fact[],
  ctesAround: Ctes,
  findings: Findings,
): void {
  if (select.intoClause) findings.refuse('SELECT INTO creates a table', true)
  if (select.lockingClause) findings.refuse('rows are locked (FOR UPDATE or FOR SHARE)')
  const ctes = select.withClause ? readCtes(select.withClause, outer, env, ctesAround, findings) : ctesAround
  const enter = (inner: SelectStmt, place: Place): void =>
    level(inner, place.view, place.env, place.ctes, findings)
  const base = { ctes, findings, select: enter }

  if (select.op && select.op !== 'SETOP_NONE') {
    for (const arm of [select.larg, select.rarg]) if (arm) level(arm, outer, env, ctes, findings)
    const place: Place = { ...base, view: { leaves: [], outer }, env, outputs: everyName }
    walkAll(select.sortClause, place)
    walkLimit(select, place)
    return
  }
  if (select.valuesLists) {
    const place: Place = { ...base, view: { leaves: [], outer }, env }
    walkAll(select.valuesLists, place)
    walkAll(select.sortClause, { ...place, outputs: everyName })
    walkLimit(select, place)
    return
  }

  const from = readFrom(select.fromClause ?? [], outer, ctes, findings)
  const view: View = { leaves: from.leaves, outer }
  const where = factsOf(select.whereClause, view, findings)
  const joins = from.joins.map(join => [join, joinFacts(join, findings)] as const)
  // An aggregate without GROUP BY gives a row even if WHERE lets none through: what WHERE says of the levels
  // around does not hold for the subqueries in its target list. What it says of its own tables does.
  const own = (facts: readonly Fact[]): Fact[] => [
    ...env,
    ...facts.filter(fact => concernsOnly(fact, from.leaves)),
  ]
  const place: Place = { ...base, view, env: own(factsFor(undefined, where, joins)) }

  for (const [join] of joins) walk(join.condition, { ...place, view: join.view })
  for (const { leaf, select: inner, calls, view: seen } of from.inners) {
    const innerEnv = own(factsFor(leaf, where, joins))
    if (inner) level(inner, seen, seen === outer ? env : innerEnv, ctes, findings)
    for (const call of calls) walk(call, { ...place, view: seen ?? view, env: innerEnv })
  }
  walkFunctionTypes(select.fromClause ?? [], findings)
  walkClauses(select, place)
  emit(from, where, joins, env, findings)
}

function walkClauses(select: SelectStmt, place: Place): void {
  walkAll(select.targetList, place)
  walk(select.whereClause, place)
  const names = outputNames(select)
  const named: Place = { ...place, outputs: new Set(names ?? namesGiven(select)) }
  walkAll(
    (select.distinctClause ?? []).filter(node => open(node)[0] !== ''),
    named,
  )
  walkAll(select.groupClause, named)
  walk(select.havingClause, place)
  for (const window of select.windowClause ?? []) walkWindow(as('WindowDef', window) ?? {}, place)
  for (const sort of select.sortClause ?? []) {
    const useOp = as('SortBy', sort)?.useOp
    if (useOp) checkOperator(['<'], place.findings)
  }
  walkAll(select.sortClause, named)
  walkLimit(select, place)
}

/** Output names written with AS: the ones that ORDER BY can mean when others aren't certain. */
function namesGiven(select: SelectStmt): string[] {
  return (select.targetList ?? []).flatMap(target => as('ResTarget', target)?.name ?? [])
}

function walkLimit(select: SelectStmt, place: Place): void {
  for (const node of [select.limitCount, select.limitOffset]) {
    const param = as('ParamRef', node)
    if (param) place.findings.useParameter(param.number ?? 0, 'int')
    else walk(node, place)
  }
}

/** In a set operation's ORDER BY every bare name is an output column. */
const everyName: ReadonlySet<string> = Object.assign(new Set<string>(), { has: () => true })

function readCtes(
  clause: WithClause,
  outer: View | undefined,
  env: readonly Fact[],
  around: Ctes,
  findings: Findings,
): Ctes {
  const ctes = new Map(around)
  const queries: SelectStmt[] = []
  const declare = (node: Node): SelectStmt | undefined => {
    const cte = as('CommonTableExpr', node)
    const select = as('SelectStmt', cte?.ctequery)
    if (!cte?.ctename || !select) {
      findings.refuse('a CTE that changes data', true)
      return undefined
    }
    const renamed = (cte.aliascolnames ?? []).map(name => as('String', name)?.sval ?? '')
    const names = outputNames(select)
    const extended = cte.search_clause !== undefined || cte.cycle_clause !== undefined
    ctes.set(cte.ctename, names && !extended ? [...renamed, ...names.slice(renamed.length)] : null)
    return select
  }
  if (clause.recursive) {
    // Every CTE of the list may be referred to by every other.
    for (const node of clause.ctes ?? []) {
      const select = declare(node)
      if (select) queries.push(select)
    }
    for (const query of queries) level(query, outer, env, ctes, findings)
    return ctes
  }
  for (const node of clause.ctes ?? []) {
    const visible = new Map(ctes)
    const select = declare(node)
    if (select) level(select, outer, env, visible, findings)
  }
  return ctes
}

/** `json_to_record(x) AS (d date)` reads text as a date. */
function walkFunctionTypes(items: readonly Node[], findings: Findings): void {
  for (const item of items) {
    const join = as('JoinExpr', item)
    if (join)
      walkFunctionTypes(
        [join.larg, join.rarg].filter(node => node !== undefined),
        findings,
      )
    for (const definition of as('RangeFunction', item)?.coldeflist ?? []) {
      if (isTimeType(as('ColumnDef', definition)?.typeName, findings)) {
        findings.refuse("a date or time is read from text that may say 'today'")
      }
    }
  }
}

function emit(
  from: From,
  where: readonly Fact[],
  joins: Parameters<typeof factsFor>[2],
  env: readonly Fact[],
  findings: Findings,
): void {
  for (const leaf of from.leaves) {
    if (!isTable(leaf)) continue
    // Inner levels have marked what they read of this one by now.
    findings.templates.push(...templatesOf(leaf, [...env, ...factsFor(leaf, where, joins)], findings))
  }
}

function isTable(leaf: Leaf): leaf is Leaf & { relation: NonNullable<Leaf['relation']> } {
  return leaf.relation !== undefined
}
