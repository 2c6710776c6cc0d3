import type { Node, SelectStmt } from 'libpg-query'
import type { Fact } from './facts.ts'
import type { Leaf, Outputs, View } from './scope.ts'

export type JoinKind = 'inner' | 'left' | 'right' | 'full'

export interface Join {
  readonly kind: JoinKind
  readonly left: readonly Leaf[]
  readonly right: readonly Leaf[]
  /** The ON condition, and what is visible to it: the two sides and the levels around. */
  readonly condition: Node | undefined
  readonly view: View
  /** What USING or NATURAL state. */
  readonly using: readonly Fact[]
  /** USING or NATURAL: `*` shows the compared columns once. */
  readonly merges: boolean
}

/** A subquery, view, CTE or function in FROM: to be walked once the facts of the level are known. */
export interface Inner {
  readonly leaf: Leaf
  /** Undefined for a function. */
  readonly level: Level | undefined
  /** Arguments of functions, and what is visible to them. */
  readonly calls: readonly Node[]
  readonly view: View
}

/** A FROM clause, taken apart. */
export interface From {
  readonly leaves: Leaf[]
  readonly joins: Join[]
  readonly inners: Inner[]
}

/** One SELECT, its FROM taken apart, before its expressions are walked. */
export interface Level {
  readonly select: SelectStmt
  readonly outer: View | undefined
  /** The CTEs that its expressions and its FROM see: its own and those around. */
  readonly ctes: Ctes
  /** Its own, in the order they are written. */
  readonly declared: readonly Cte[]
  readonly from: From
  /** The two arms of a set operation. */
  readonly arms: readonly Level[]
  readonly outputs: Outputs | null
  /** Targets that are read only as far as the level around names them. */
  readonly spared: ReadonlySet<Node>
}

/** The CTEs visible at a place. */
export type Ctes = ReadonlyMap<string, Cte>

/** A query of a WITH clause. */
export interface Cte {
  readonly select: SelectStmt
  readonly outer: View | undefined
  readonly ctes: Ctes
  /** The names it gives to its first columns. */
  readonly names: readonly string[]
  /** Under WITH RECURSIVE: it may refer to itself. */
  readonly recursive: boolean
  /** SEARCH or CYCLE add columns to it. */
  readonly extended: boolean
  /** How many references read a copy of it, narrowed by what they say of it. */
  copies: number
  /** Some reference reads it as it is. */
  shared: boolean
}

/** Beyond these, references share one reading: WITH clauses that build on each other could make ever more copies. */
const mostCopies = 4

/** True if one more reference may have a copy of its own, which is then counted. */
export function mayCopy(cte: Cte): boolean {
  if (cte.recursive || cte.extended || cte.copies >= mostCopies) return false
  cte.copies++
  return true
}
