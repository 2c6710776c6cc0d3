import type { Node, SelectStmt } from 'libpg-query'
import { checkOperator, type Place, walk, walkAll, walkWindow } from './expressions.ts'
import { type Fact, factsOf } from './facts.ts'
import type { Findings } from './findings.ts'
import { concernsOnly, factsFor, joinFacts } from './joinFacts.ts'
import type { From, Level } from './level.ts'
import { templatesOf } from './narrow.ts'
import { as, open } from './node.ts'
import { openLevel } from './openLevel.ts'
import { outputNames } from './outputs.ts'
import { type Phase, ResultPlan } from './resultPlan.ts'
import type { Leaf, View } from './scope.ts'
import { isTimeType } from './times.ts'

/** Walks a whole SELECT statement, and makes its templates. */
export function walkSelect(select: SelectStmt, findings: Findings): void {
  const level = openLevel(select, undefined, new Map(), findings)
  walkLevel(level, [], 'outputs', findings, ResultPlan.of(level, findings))
  for (const emit of findings.emissions.splice(0)) emit()
}

/**
 * One SELECT: the arms of a set operation, a list of VALUES, or FROM and what is made of it; then its CTEs.
 *
 * Its result is a function of the rows that meet its own facts, and `env`: what holds for the `outer` rows, and for
 * those of its own that the level around lets through (`carry.ts`). So narrowing by them is sound wherever the
 * subquery stands: under NOT EXISTS as well as under EXISTS.
 *
 * `wanted`: all outputs, or only the rows as such; spared outputs are then read as far as somebody names them.
 */
function walkLevel(
  level: Level,
  env: readonly Fact[],
  wanted: 'outputs' | 'rows',
  findings: Findings,
  plan?: ResultPlan,
): void {
  const { select, outer, ctes, from } = level
  const during: During = (phase, read) => (plan ? plan.during(phase, read) : read())
  const enter: Place['select'] = (inner, place, innerWanted) =>
    walkLevel(openLevel(inner, place.view, place.ctes, findings), place.env, innerWanted, findings)
  const base = { ctes, findings, select: enter }

  if (level.arms.length > 0 || select.valuesLists) {
    for (const arm of level.arms) walkLevel(arm, env, 'outputs', findings)
    const place: Place = { ...base, view: { leaves: [], outer }, env }
    walkAll(select.valuesLists, place)
    walkAll(select.sortClause, { ...place, outputs: everyName })
    walkLimit(select, place)
    walkCtes(level, env, findings)
    return
  }

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

  for (const [join] of joins) during(join, () => walk(join.condition, { ...place, view: join.view }))
  during('from', () => {
    for (const each of from.inners) walkInner(each)
  })
  function walkInner({ leaf, level: inner, calls, view: seen }: From['inners'][number]): void {
    const innerEnv = own(factsFor(leaf, where, joins))
    if (inner) walkLevel(inner, innerEnv, leaf.outputs ? 'rows' : 'outputs', findings)
    for (const call of calls) walk(call, { ...place, view: seen, env: innerEnv })
  }
  walkFunctionTypes(select.fromClause ?? [], findings)
  walkClauses(level, wanted, place, during, plan)
  walkCtes(level, env, findings)
  findings.emissions.push(() => emit(from, where, joins, env, findings, plan))
}

type During = (phase: Phase, read: () => void) => void

/** CTEs that no reference has a copy of, or that some share, as they are; the last first, since it may read the others. */
function walkCtes({ declared }: Level, env: readonly Fact[], findings: Findings): void {
  for (const cte of declared.toReversed()) {
    if (cte.copies > 0 && !cte.shared) continue
    walkLevel(openLevel(cte.select, cte.outer, cte.ctes, findings), env, 'outputs', findings)
  }
}

function walkClauses(
  { select, spared }: Level,
  wanted: 'outputs' | 'rows',
  place: Place,
  during: During,
  plan: ResultPlan | undefined,
): void {
  const targets = select.targetList ?? []
  during('outputs', () => {
    walkAll(wanted === 'outputs' ? targets : targets.filter(target => !spared.has(target)), place)
  })
  during('where', () => walk(select.whereClause, place))
  const named: Place = { ...place, outputs: new Set(outputNames(select) ?? namesGiven(select)) }
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
  during('order', () => {
    walkAll(select.sortClause, named)
    for (const node of plan?.sortedOutputs() ?? []) walk(node, place)
  })
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
  plan: ResultPlan | undefined,
): void {
  for (const { relation } of from.leaves.filter(isTable)) {
    findings.readings.set(relation.table, (findings.readings.get(relation.table) ?? 0) + 1)
  }
  for (const leaf of from.leaves) {
    if (!isTable(leaf)) continue
    // Inner levels have marked what they read of this one by now.
    const facts = [...env, ...factsFor(leaf, where, joins)]
    const templates = templatesOf(leaf, facts, findings)
    findings.templates.push(...(plan?.extend(leaf, templates, facts, findings) ?? templates))
  }
}

function isTable(leaf: Leaf): leaf is Leaf & { relation: NonNullable<Leaf['relation']> } {
  return leaf.relation !== undefined
}
