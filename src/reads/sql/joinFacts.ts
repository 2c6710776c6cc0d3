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
 * Without a leaf: what holds for the rows that reach the target list, and the subqueries of the level.
 */
export function factsFor(
  leaf: Leaf | undefined,
  where: readonly Fact[],
  joins: readonly (readonly [join: Join, facts: readonly Fact[]])[],
): Fact[] {
  const facts = [...where]
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
    facts.push(...(leaf && sides.includes(leaf) ? stated : stated.filter(fact => concernsOnly(fact, sides))))
  }
  return facts
}

/** True if the fact names columns of these leaves, or of what stands within them, and no others. */
export function concernsOnly(fact: Fact, leaves: readonly Leaf[]): boolean {
  switch (fact.kind) {
    case 'value':
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
