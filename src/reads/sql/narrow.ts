import type { Relation } from '../catalog.ts'
import { EqualColumns } from './equalColumns.ts'
import type { Fact, ValueFact } from './facts.ts'
import type { Findings } from './findings.ts'
import type { KeyColumn } from './operands.ts'
import type { ResidualFact } from './residual.ts'
import type { ColumnPlace, Leaf } from './scope.ts'
import type { Condition, ResidualCondition, ResultStep, Source, Template } from './template.ts'

const mostTemplates = 32

/**
 * The dependencies of one table in one FROM clause, from the facts that hold for every row of it that matters:
 * equalities with values, also those that follow through columns that are equal to each other.
 */
export function templatesOf(
  leaf: Leaf & { relation: Relation },
  facts: readonly Fact[],
  findings: Findings,
): Template[] {
  const { relation } = leaf
  // A row of a partition or child is told as a row of every table above it, too: one name stands for all of them.
  const holders = relation.kind === 'p' ? relation.descendants : [relation, ...relation.descendants]
  const silent = holders.find(({ kind, identity }) => kind !== 'p' && identity !== 'f')
  if (silent) {
    findings.note(`${silent.table} has no replica identity FULL: the whole table counts`)
    return [{ table: relation.table, conditions: [], residuals: [], columns: null }]
  }
  const columns = leaf.read === null ? null : [...leaf.read].sort()
  const shared = conditionsOf(leaf, facts)
  const residuals = residualConditionsOf(leaf, facts)
  let sets: ReadonlyMap<string, Condition>[] = [shared]
  for (const fact of facts) {
    if (fact.kind !== 'or') continue
    const alternatives = fact.alternatives.map(alternative => conditionsOf(leaf, alternative))
    if (alternatives.some(alternative => alternative.size === 0)) continue
    if (sets.length * alternatives.length > mostTemplates) {
      findings.note(`an OR on ${relation.table} has too many alternatives to follow`)
      continue
    }
    sets = sets.flatMap(set => alternatives.map(alternative => conjoin(set, alternative)))
  }
  const templates = mergeOneColumn(
    sets.map(set => ({
      table: relation.table,
      // One fixed order, so that equal dependencies of different queries are recognised as equal.
      conditions: [...set.values()].sort((a, b) => (a.column < b.column ? -1 : 1)),
      residuals,
      columns,
    })),
  )
  if (templates.some(({ conditions }) => conditions.length === 0)) {
    findings.note(
      `no equality with a value restricts ${relation.table} (${leaf.name}): ${residuals.length > 0 ? 'only its other conditions do' : 'the whole table counts'}`,
    )
  }
  return templates
}

const mostResiduals = 8

/** The residual conditions on the leaf's columns, also those on columns that are equal to them. */
function residualConditionsOf(leaf: Leaf, facts: readonly Fact[]): ResidualCondition[] {
  const classes = EqualColumns.of(facts)
  const conditions = new Map<string, ResidualCondition>()
  for (const fact of facts) {
    if (fact.kind !== 'residual') continue
    for (const { column } of membersOf(fact, classes).filter(member => member.leaf === leaf)) {
      const condition = {
        column: column.name,
        op: fact.op,
        family: fact.column.family,
        as: fact.as,
        source: fact.source,
      }
      conditions.set(JSON.stringify(condition), condition)
    }
  }
  // One fixed order, as for conditions.
  return [...conditions]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .slice(0, mostResiduals)
    .map(([, each]) => each)
}

/** The columns that the fact holds for. What NULL meets says nothing of an equal column: NULL equals nothing. */
function membersOf({ column, strict }: ResidualFact, classes: EqualColumns): ColumnPlace[] {
  const { family } = column
  return strict && family ? [...classes.membersOf({ ...column, family })] : [column]
}

/** The leaf's columns that the facts equate with values. */
function conditionsOf(leaf: Leaf, facts: readonly Fact[]): Map<string, Condition> {
  const classes = EqualColumns.of(facts)
  const values: ValueFact[] = []
  for (const fact of facts) {
    if (fact.kind === 'value') values.push(fact)
  }
  const choices = new Map<string, { column: KeyColumn; choices: (readonly Source[])[] }>()
  for (const { column, values: sources } of values) {
    for (const member of classes.membersOf(column)) {
      if (member.leaf !== leaf) continue
      const known = choices.get(member.column.name)
      if (known) known.choices.push(sources)
      else choices.set(member.column.name, { column: member, choices: [sources] })
    }
  }
  const conditions = new Map<string, Condition>()
  for (const [name, { column, choices: lists }] of choices) {
    // The shortest list first: binding takes the first that has an exact form.
    const sorted = lists.toSorted((a, b) => weight(a) - weight(b))
    conditions.set(name, { column: name, family: column.family, choices: sorted })
  }
  return conditions
}

function weight(sources: readonly Source[]): number {
  return sources.reduce((sum, source) => sum + (source.kind === 'array' ? 1_000 : 1), 0)
}

function conjoin(
  a: ReadonlyMap<string, Condition>,
  b: ReadonlyMap<string, Condition>,
): Map<string, Condition> {
  const both = new Map(a)
  for (const [name, condition] of b) {
    const known = both.get(name)
    both.set(name, known ? { ...known, choices: [...known.choices, ...condition.choices] } : condition)
  }
  return both
}

/** Alternatives on one same column are one list: `a = 1 OR a = 2` is `a IN (1, 2)`. */
function mergeOneColumn(templates: Template[]): Template[] {
  const [first, ...rest] = templates
  const condition = first?.conditions[0]
  if (!first || !condition || rest.length === 0) return templates
  const sources: Source[] = []
  for (const { conditions } of templates) {
    const [only, second] = conditions
    if (!only || second || only.column !== condition.column || only.choices.length !== 1) return templates
    sources.push(...(only.choices[0] ?? []))
  }
  return [{ ...first, conditions: [{ ...condition, choices: [sources] }] }]
}

/** Drops the conditions whose parameters may have been read as another type than their column's. */
export function trustParameters(templates: readonly Template[], findings: Findings): Template[] {
  const trusted = (source: Source | undefined, { family }: Pick<ResidualCondition, 'family'>): boolean => {
    if (source === undefined || source.kind === 'constant') return true
    const use = findings.parameters.get(source.number)
    return (
      use !== undefined &&
      !use.elsewhere &&
      use.families.size === 1 &&
      family !== undefined &&
      use.families.has(family)
    )
  }
  return templates.map(template => ({
    ...template,
    ...(template.result ? { result: trustCounts(template.result, findings) } : {}),
    residuals: template.residuals.filter(residual => trusted(residual.source, residual)),
    conditions: template.conditions.flatMap(condition => {
      const choices = condition.choices.filter(choice => choice.every(source => trusted(source, condition)))
      if (choices.length > 0) return [{ ...condition, choices }]
      findings.note(
        `a parameter compared with ${template.table}.${condition.column} is used in other ways too, so that its type isn't certain`,
      )
      return []
    }),
  }))
}

/** LIMIT and OFFSET by a parameter that is used otherwise, too, are not certain to be whole numbers. */
function trustCounts(step: ResultStep, findings: Findings): ResultStep {
  const trusted = (source: ResultStep['limit']): ResultStep['limit'] => {
    if (typeof source === 'string' || source.kind !== 'param') return source
    const use = findings.parameters.get(source.number)
    return use && !use.elsewhere && use.families.size === 1 && use.families.has('int') ? source : 'unclear'
  }
  return { ...step, limit: trusted(step.limit), offset: trusted(step.offset) }
}
