import type { Node, SelectStmt, WithClause } from 'libpg-query'
import { firmness, sparesOutputs } from './carry.ts'
import type { Findings } from './findings.ts'
import { readFrom } from './from.ts'
import type { Cte, Ctes, From, Level } from './level.ts'
import { as } from './node.ts'
import { computedOutputs, namesOfValues, outputsOf } from './outputs.ts'
import type { View } from './scope.ts'

/** Levels in one text; views upon views, and CTEs, can make more of them than the text shows. */
const mostLevels = 400

/** Takes apart what a SELECT reads from, and says what its outputs carry. */
export function openLevel(
  select: SelectStmt,
  outer: View | undefined,
  ctesAround: Ctes,
  findings: Findings,
): Level {
  if (select.intoClause) findings.refuse('SELECT INTO creates a table', true)
  if (select.lockingClause) findings.refuse('rows are locked (FOR UPDATE or FOR SHARE)')
  const none: From = { leaves: [], joins: [], inners: [] }
  const level = { select, outer, from: none, arms: [], spared: new Set<Node>() }
  if (++findings.levels > mostLevels) {
    findings.refuse('too many views and subqueries to follow', true)
    return { ...level, ctes: ctesAround, declared: [], outputs: null }
  }
  const { ctes, declared } = declareCtes(select.withClause, outer, ctesAround, findings)
  if (select.op && select.op !== 'SETOP_NONE') {
    const arms = [select.larg, select.rarg].flatMap(arm => (arm ? openLevel(arm, outer, ctes, findings) : []))
    // The first arm gives the names.
    const names = arms[0]?.outputs ? [...arms[0].outputs.keys()] : null
    return { ...level, ctes, declared, arms, outputs: computedOutputs(names) }
  }
  if (select.valuesLists) {
    return { ...level, ctes, declared, outputs: computedOutputs(namesOfValues(select)) }
  }
  const from = readFrom(select.fromClause ?? [], outer, ctes, findings, openLevel)
  const view = { leaves: from.leaves, outer }
  const { outputs, plain } = outputsOf(select, view, from.joins, firmness(select, view))
  const spared = outputs && sparesOutputs(select) ? plain : new Set<Node>()
  return { ...level, ctes, declared, from, outputs, spared }
}

function declareCtes(
  clause: WithClause | undefined,
  outer: View | undefined,
  around: Ctes,
  findings: Findings,
): { ctes: Ctes; declared: Cte[] } {
  if (!clause) return { ctes: around, declared: [] }
  const recursive = clause.recursive === true
  const ctes = new Map(around)
  const declared: Cte[] = []
  for (const node of clause.ctes ?? []) {
    const cte = as('CommonTableExpr', node)
    const select = as('SelectStmt', cte?.ctequery)
    if (!cte?.ctename || !select) {
      findings.refuse('a CTE that changes data', true)
      continue
    }
    const made: Cte = {
      select,
      outer,
      // Under RECURSIVE every query of the list may refer to every other, otherwise to those before it.
      ctes: recursive ? ctes : new Map(ctes),
      names: (cte.aliascolnames ?? []).map(name => as('String', name)?.sval ?? ''),
      recursive,
      extended: cte.search_clause !== undefined || cte.cycle_clause !== undefined,
      copies: 0,
      shared: false,
    }
    ctes.set(cte.ctename, made)
    declared.push(made)
  }
  return { ctes, declared }
}
