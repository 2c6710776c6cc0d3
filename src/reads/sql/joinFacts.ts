import { type Fact, factsOf } from './facts.ts'
import type { Findings } from './findings.ts'
import type { Join } from './level.ts'
import { type Leaf, standsIn } from './scope.ts'

/**
 * The facts that every row of the leaf must meet to matter to the level's result:
 *
 * - WHERE, which no row filled with NULLs passes (every fact is strict);
 * - ON of inner joins, anywhere: whoever refers to one of their tables through an equality refers to a real row;
 * - ON of an outer join for the tables on its nullable side only. It says nothing of the preserved side, nor of
 *   tables elsewhere: their rows appear without a partner, too.
 *
 * A fact that NULL meets restricts a table only if no join beneath the condition fills the table's columns with
 * NULLs: else a row that fails it still keeps such a filled row away.
 *
 * Without a leaf: what holds for the rows that reach the target list, and the subqueries of the level.
 */
export function factsFor(
  leaf: Leaf | undefined,
  where: readonly Fact[],
  joins: readonly (readonly [join: Join, facts: readonly Fact[]])[],
): Fact[] {
  const facts = where.filter(fact => restricts(fact, leaf, joins, undefined))
  for (const [join, stated] of joins) {
    const applies =
      join.kind === 'inner' ||
      (leaf !== undefined &&
        ((join.kind === 'left' && join.right.includes(leaf)) ||
          (join.kind === 'right' && join.left.includes(leaf))))
    if (!applies) continue
    const sides = [...join.left, ...join.right]
    // From outside the join only what it says of its own tables counts: where it is on a nullable side, rows
    // appear although what it says of the levels around does not hold.
    const seen = leaf && sides.includes(leaf) ? stated : stated.filter(fact => concernsOnly(fact, sides))
    facts.push(...seen.filter(fact => restricts(fact, leaf, joins, join)))
  }
  return facts
}

/** Whether a fact of WHERE, or of the join's ON, may be stated of the leaf although NULL may meet it. */
function restricts(
  fact: Fact,
  leaf: Leaf | undefined,
  joins: Parameters<typeof factsFor>[2],
  join: Join | undefined,
): boolean {
  if (fact.kind !== 'residual' || fact.strict) return true
  if (!leaf || fact.column.leaf !== leaf) return false
  const within = join && (join.left.includes(leaf) ? join.left : join.right)
  return !joins.some(
    ([other]) =>
      other !== join &&
      (!within || [...other.left, ...other.right].every(side => within.includes(side))) &&
      fillsWithNulls(other, leaf),
  )
}

/** True if the join gives rows in which the leaf's columns are NULL for want of a partner. */
export function fillsWithNulls(join: Join, leaf: Leaf): boolean {
  const { kind, left, right } = join
  return (
    (kind !== 'right' && kind !== 'inner' && right.includes(leaf)) ||
    (kind !== 'left' && kind !== 'inner' && left.includes(leaf))
  )
}

/** True if the fact names columns of these leaves, or of what stands within them, and no others. */
export function concernsOnly(fact: Fact, leaves: readonly Leaf[]): boolean {
  switch (fact.kind) {
    case 'value':
    case 'residual':
      return standsIn(fact.column.leaf, leaves)
    case 'same':
      return standsIn(fact.left.leaf, leaves) && standsIn(fact.right.leaf, leaves)
    case 'or':
      return fact.alternatives.flat().every(({ column }) => standsIn(column.leaf, leaves))
  }
}

/** What a join's ON or USING states. */
export function joinFacts(join: Join, findings: Findings): Fact[] {
  return [...join.using, ...factsOf(join.condition, join.view, findings)]
}
