import type { Fact } from './facts.ts'
import type { KeyColumn } from './operands.ts'
import type { Leaf } from './scope.ts'

/** Which columns are equal to each other in every row that matters. */
export class EqualColumns {
  readonly #classes = new Map<Leaf, Map<string, Set<KeyColumn>>>()

  static of(facts: readonly Fact[]): EqualColumns {
    const classes = new EqualColumns()
    for (const fact of facts) if (fact.kind === 'same') classes.join(fact.left, fact.right)
    return classes
  }

  membersOf(column: KeyColumn): ReadonlySet<KeyColumn> {
    return this.#find(column)
  }

  join(a: KeyColumn, b: KeyColumn): void {
    const left = this.#find(a)
    const right = this.#find(b)
    if (left === right) return
    for (const member of right) {
      left.add(member)
      this.#classes.get(member.leaf)?.set(member.column.name, left)
    }
  }

  #find(column: KeyColumn): Set<KeyColumn> {
    const byName = this.#classes.get(column.leaf) ?? new Map<string, Set<KeyColumn>>()
    this.#classes.set(column.leaf, byName)
    const found = byName.get(column.column.name) ?? new Set([column])
    byName.set(column.column.name, found)
    return found
  }
}
