import type { Choices } from './choices.ts'
import { isCrisp, type Kind, literal, valuesOf } from './types.ts'

/** Something a query can name: `a.id`, of a kind. */
export interface Named {
  readonly sql: string
  readonly kind: Kind
}

export interface Scope {
  /** Columns of this SELECT's FROM. */
  readonly own: Named[]
  /** Columns of the levels around, which a subquery may refer to. */
  readonly outer: readonly Named[]
  readonly depth: number
}

/** Makes a SELECT of the given output kinds that may refer to `outer`. */
export type Subselect = (kinds: readonly Kind[], outer: readonly Named[], depth: number) => string

/** Conditions and values. */
export class Expressions {
  readonly values: unknown[] = []
  readonly choices: Choices
  /** False for views, which can have no parameters. */
  parameters = true
  readonly #subselect: Subselect

  constructor(choices: Choices, subselect: Subselect) {
    this.choices = choices
    this.#subselect = subselect
  }

  conjunction(scope: Scope): string {
    return this.choices.times(1 + this.choices.below(3), () => this.predicate(scope, 0)).join(' and ')
  }

  predicate(scope: Scope, nesting: number): string {
    const { choices } = this
    const column = this.column(scope)
    switch (choices.below(nesting > 1 ? 11 : 20)) {
      case 1:
        return `${column.sql} in (${choices.times(1 + choices.below(3), () => this.value(column.kind)).join(', ')})`
      case 2:
        return this.#any(column)
      case 3: {
        const other = ofKind(scope.own, column.kind, choices)
        return other ? `${column.sql} = ${other.sql}` : `${column.sql} is not null`
      }
      case 4:
        if (column.kind === 'bool') return choices.chance(50) ? column.sql : `not ${column.sql}`
        return `${column.sql} <> ${this.value(column.kind)}`
      case 5:
        return choices.chance(50) ? `${column.sql} is null` : `${column.sql} is not null`
      case 6:
        if (column.kind === 'bool')
          return `${column.sql} is ${choices.pick(['true', 'false', 'not true', 'unknown'])}`
        return `${column.sql} ${choices.pick(['<', '>=', '>', '<=', 'is distinct from'])} ${this.value(column.kind)}`
      case 7:
        return this.#row(column, this.column(scope))
      case 8:
        return `${column.sql} ${choices.pick(['between', 'not between', 'between symmetric'])} ${this.value(column.kind)} and ${this.value(column.kind)}`
      case 9:
        return this.#special(column, scope)
      case 10:
        return `coalesce(${column.sql}, ${literal(valuesOf[column.kind][0])}) = ${this.value(column.kind)}`
      case 11:
      case 12:
        return `(${choices.times(2 + choices.below(2), () => this.predicate(scope, nesting + 1)).join(' or ')})`
      case 13:
        return `not (${this.predicate(scope, nesting + 1)})`
      case 14:
        return `((${this.predicate(scope, nesting + 1)} and ${this.predicate(scope, nesting + 1)}) or ${this.predicate(scope, nesting + 1)})`
      case 15:
      case 16:
        if (scope.depth >= 2) return this.#equals(column, scope)
        return `${choices.chance(40) ? 'not ' : ''}exists (${this.#subselect(['int'], around(scope), scope.depth + 1)})`
      case 17:
        if (scope.depth >= 2) return this.#equals(column, scope)
        return `${column.sql} ${choices.pick(['in', 'not in', '= any', '<> all'])} (${this.#subselect([column.kind], around(scope), scope.depth + 1)})`
      default:
        return this.#equals(column, scope)
    }
  }

  /** A condition on one column with a value. */
  simple(scope: Scope): string {
    const { choices } = this
    const column = choices.chance(50)
      ? (ofKind(scope.own, 'int', choices) ?? this.column(scope))
      : this.column(scope)
    switch (choices.below(8)) {
      case 1:
        return `${column.sql} in (${this.value(column.kind)}, ${this.value(column.kind)})`
      case 2:
        return this.#any(column)
      case 3:
        return `${column.sql} ${choices.pick(['<', '<=', '>', '>=', '<>', 'is distinct from'])} ${this.value(column.kind)}`
      case 4:
        return `${column.sql} is ${choices.pick(['null', 'not null'])}`
      case 5:
        return `(${column.sql} = ${this.value(column.kind)} or ${column.sql} is null)`
      default:
        return `${column.sql} = ${this.value(column.kind)}`
    }
  }

  #equals(column: Named, scope: Scope): string {
    if (scope.outer.length > 0 && this.choices.chance(40)) {
      const other = ofKind(scope.outer, column.kind, this.choices)
      if (other) return `${column.sql} = ${other.sql}`
    }
    return `${column.sql} = ${this.value(column.kind)}`
  }

  #row(a: Named, b: Named): string {
    const { choices } = this
    const pair = (): string => `(${this.value(a.kind)}, ${this.value(b.kind)})`
    const left = `(${a.sql}, ${b.sql})`
    switch (choices.below(4)) {
      case 1:
        return `${left} ${choices.pick(['<', '>=', '<>'])} ${pair()}`
      case 2:
        return `${left} in (${pair()}, ${pair()})`
      case 3:
        return `${left} is distinct from ${pair()}`
      default:
        return `${left} = ${pair()}`
    }
  }

  /** What only some kinds can do. */
  #special(column: Named, scope: Scope): string {
    const { choices } = this
    switch (column.kind) {
      case 'text':
      case 'char':
        return `${column.sql} ${choices.pick(['like', 'not like', 'ilike', '~'])} ${choices.pick([`'a%'`, `'%x'`, `'A'`])}`
      case 'int':
        return choices.pick([
          `${column.sql} % 2 = 1`,
          `${column.sql}::text = '1'`,
          `${column.sql}::bigint = 2`,
          `case when ${column.sql} > 1 then ${this.column(scope).sql} is null else true end`,
        ])
      case 'json':
        return choices.pick([
          `${column.sql} ->> 'a' = '1'`,
          `${column.sql} @> '{"a": 1}'`,
          `${column.sql} ? 'b'`,
        ])
      case 'ints':
        return choices.pick([`${column.sql} @> '{1}'`, `1 = any(${column.sql})`, `${column.sql}[1] = 3`])
      case 'date':
        return choices.pick([`${column.sql} + 1 > '2024-01-02'`, `extract(year from ${column.sql}) = 2024`])
      case 'instant':
        return choices.pick([
          `date_trunc('month', ${column.sql}) = '2024-01-01'`,
          `(${column.sql} at time zone 'UTC')::date = '2024-01-01'`,
        ])
      default:
        return `${column.sql}::text = ${literal(String(valuesOf[column.kind][0]))}`
    }
  }

  #any(column: Named): string {
    const { choices } = this
    if (!this.parameters || column.kind === 'ints') return `${column.sql} in (${this.value(column.kind)})`
    const list = choices.times(1 + choices.below(2), () => choices.pick(valuesOf[column.kind]))
    this.values.push(list)
    return `${column.sql} = any($${this.values.length}${column.kind === 'int' ? choices.pick(['', '::int[]']) : ''})`
  }

  /** A literal or a parameter; sometimes in an unusual spelling. */
  value(kind: Kind): string {
    const { choices } = this
    const value = choices.pick(valuesOf[kind])
    if (!this.parameters || choices.chance(50)) return literal(value)
    this.values.push(choices.chance(5) ? null : kind === 'int' && choices.chance(20) ? `0${value}` : value)
    return `$${this.values.length}`
  }

  aggregate(scope: Scope): string {
    const column = this.column(scope)
    // By the text in full, so that what PostgreSQL takes for equal stands in one order.
    const sorted = `order by ${column.sql}::text collate "C"`
    switch (this.choices.below(7)) {
      case 1:
        return `count(distinct ${column.sql})`
      case 2:
        return `string_agg(${column.sql}::text, ',' ${sorted})`
      case 3:
        return `count(*) filter (where ${this.predicate(scope, 2)})`
      case 4:
        return `bool_or(${column.sql} is null)`
      case 5:
        return `json_agg(${column.sql} ${sorted})`
      case 6:
        return `max(${(ofKind(scope.own, 'int', this.choices) ?? column).sql}::text collate "C")`
      default:
        return 'count(*)'
    }
  }

  /** A column, or something made of it that is written alike whenever it is equal. */
  target(scope: Scope): Named {
    const { choices } = this
    const column = this.column(scope)
    if (!choices.chance(15)) return column
    const sql = choices.pick([
      `coalesce(${column.sql}::text, 'none')`,
      `json_build_object('k', ${column.sql})::text`,
      `json_object('k': ${column.sql})::text`,
      `(case when ${column.sql} is null then 1 else 2 end)::text`,
    ])
    return { sql, kind: 'text' }
  }

  column(scope: Scope): Named {
    return this.choices.pick(scope.own)
  }

  crispColumn(scope: Scope): Named {
    const crisp = scope.own.filter(({ kind }) => isCrisp(kind))
    return crisp.length > 0
      ? this.choices.pick(crisp)
      : { sql: `${this.column(scope).sql}::text`, kind: 'text' }
  }
}

function around(scope: Scope): readonly Named[] {
  return [...scope.own, ...scope.outer]
}

export function ofKind(columns: readonly Named[], kind: Kind, choices: Choices): Named | undefined {
  const fitting = columns.filter(column => column.kind === kind)
  return fitting.length > 0 ? choices.pick(fitting) : undefined
}
