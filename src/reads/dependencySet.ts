import { type Dependency, stepOf } from './dependency.ts'

/** What is kept per distinct conditions on a table. */
interface Held extends Omit<Dependency, 'columns'> {
  /** null: all columns. */
  columns: Set<string> | null
}

/**
 * The dependencies of one response: equal ones merged (their columns united), at most `limit` distinct ones.
 * Past the limit the table with most of them is collapsed to a whole-table dependency, which is coarser, never
 * wrong; `collapsed` counts how often.
 */
export class DependencySet {
  /** How many times a table was collapsed to stay within the limit. */
  collapsed = 0
  readonly #limit: number
  readonly #held = new Map<string, Held>()
  /** Tables read as a whole: narrower dependencies on them add only columns. */
  readonly #whole = new Map<string, Held>()

  constructor(limit = 512) {
    this.#limit = limit
  }

  add(dependency: Dependency): void {
    const whole = this.#whole.get(dependency.table)
    if (whole) {
      if (whole.columns === null) return
      if (dependency.columns !== null && isWithin(dependency.columns, whole.columns)) return
    }
    const key = keyOf(dependency)
    const held = this.#held.get(key)
    if (held) {
      unite(held, dependency.columns)
      return
    }
    const fresh: Held = {
      ...dependency,
      columns: dependency.columns === null ? null : new Set(dependency.columns),
    }
    this.#held.set(key, fresh)
    if (stepOf(dependency) === 'table' && !dependency.version) this.#whole.set(dependency.table, fresh)
    if (this.#held.size > this.#limit) this.#collapse()
  }

  get size(): number {
    return this.#held.size
  }

  /**
   * The dependencies, those that differ only in the value of one same column written as one (`id = 1`, `id = 2`
   * becomes `id in (1, 2)`), so that a record stays short.
   */
  toArray(): Dependency[] {
    const merged: Dependency[] = []
    const lists = new Map<string, { dependency: Dependency; column: string; values: Set<string> }>()
    for (const held of this.#held.values()) {
      const dependency: Dependency = {
        ...held,
        columns: held.columns === null ? null : [...held.columns].sort(),
      }
      const { equals } = dependency
      const [column, second] = Object.keys(equals)
      if (column === undefined || second !== undefined) {
        merged.push(dependency)
        continue
      }
      const key = JSON.stringify({ ...dependency, equals: column })
      const list = lists.get(key)
      const values = equals[column] ?? []
      if (list) for (const value of values) list.values.add(value)
      else lists.set(key, { dependency, column, values: new Set(values) })
    }
    for (const { dependency, column, values } of lists.values()) {
      merged.push({ ...dependency, equals: { [column]: [...values] } })
    }
    return merged
  }

  /** Replaces every dependency on the most frequent table by one on the whole of it, or, if all tables have one each, keeps going until the limit holds. */
  #collapse(): void {
    while (this.#held.size > this.#limit) {
      const counts = new Map<string, number>()
      for (const { table } of this.#held.values()) counts.set(table, (counts.get(table) ?? 0) + 1)
      const [worst] = [...counts].sort((a, b) => b[1] - a[1])
      if (!worst || worst[1] < 2) return // one whole-table dependency per table: as coarse as it gets
      let columns: Set<string> | null = new Set()
      for (const [key, held] of this.#held) {
        if (held.table !== worst[0]) continue
        columns = columns === null || held.columns === null ? null : new Set([...columns, ...held.columns])
        this.#held.delete(key)
      }
      const whole: Held = { table: worst[0], equals: {}, columns }
      this.#held.set(keyOf(whole), whole)
      this.#whole.set(worst[0], whole)
      this.collapsed++
    }
  }
}

function unite(held: Held, columns: readonly string[] | null): void {
  if (columns === null) held.columns = null
  else if (held.columns !== null) for (const column of columns) held.columns.add(column)
}

function isWithin(columns: readonly string[], set: ReadonlySet<string>): boolean {
  return columns.every(column => set.has(column))
}

function keyOf(dependency: Omit<Dependency, 'columns'>): string {
  let key = dependency.table
  // Templates list their columns in one fixed order, so that no sorting is needed to find equals.
  for (const column in dependency.equals) {
    key += `\u0000${column}`
    for (const value of dependency.equals[column] ?? []) key += `\u0001${value}`
  }
  const { residuals, upTo, version } = dependency
  if (residuals || upTo || version) key += `\u0000\u0000${JSON.stringify([residuals, upTo, version])}`
  return key
}
