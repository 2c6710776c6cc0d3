import type { Choices } from './choices.ts'
import { type Kind, literal, type OracleSchema, valuesOf } from './schema.ts'

export interface OracleQuery {
  readonly text: string
  readonly values: unknown[]
}

/** Something a query can name: `a.id`, of a kind. */
interface Named {
  readonly sql: string
  readonly kind: Kind
}

interface Scope {
  /** Columns of this SELECT's FROM. */
  readonly own: Named[]
  /** Columns of the levels around, which a subquery may refer to. */
  readonly outer: readonly Named[]
  readonly depth: number
}

/** A random query of the shapes that are narrowed, and of many that are not. */
export function buildQuery(schema: OracleSchema, choices: Choices): OracleQuery {
  const builder = new QueryBuilder(schema, choices)
  const text = builder.statement()
  return { text, values: builder.values }
}

class QueryBuilder {
  readonly values: unknown[] = []
  readonly #schema: OracleSchema
  readonly #choices: Choices
  #aliases = 0

  constructor(schema: OracleSchema, choices: Choices) {
    this.#schema = schema
    this.#choices = choices
  }

  statement(): string {
    const choices = this.#choices
    if (choices.chance(10)) {
      const kinds: Kind[] = [choices.pick(['int', 'text', 'bool'])]
      const arms = [this.#select(kinds, [], 1), this.#select(kinds, [], 1)]
      return arms.join(` ${choices.pick(['union', 'union all', 'except', 'intersect'])} `)
    }
    return this.#select(undefined, [], 0)
  }

  /** A SELECT; its output columns are called o0, o1, …, of the kinds asked for. */
  #select(kinds: readonly Kind[] | undefined, outer: readonly Named[], depth: number): string {
    const choices = this.#choices
    const scope: Scope = { own: [], outer, depth }
    let prefix = ''
    let from: string
    if (depth === 0 && choices.chance(10)) {
      const cte = this.#derived([], 1)
      prefix = `with cte as (${cte.sql}) `
      from = this.#from(scope)
      const alias = this.#alias()
      from += ` cross join cte ${alias}`
      scope.own.push(...cte.columns.map(column => ({ ...column, sql: `${alias}.${column.sql}` })))
    } else from = this.#from(scope)
    const where = this.#choices.chance(85) ? ` where ${this.#conjunction(scope)}` : ''

    if (!kinds && choices.chance(15)) {
      const keys = [this.#column(scope)]
      const having = choices.chance(20) ? ' having count(*) > 1' : ''
      return `${prefix}select ${keys.map(key => key.sql).join(', ')}, ${this.#aggregate(scope)} from ${from}${where} group by ${keys.map(key => key.sql).join(', ')}${having}`
    }
    if (!kinds && choices.chance(15)) {
      return `${prefix}select ${this.#aggregate(scope)}, ${this.#aggregate(scope)} from ${from}${where}`
    }
    if (!kinds && choices.chance(8)) return `${prefix}select * from ${from}${where}`
    if (!kinds && choices.chance(8)) {
      const [key, other] = [this.#column(scope), this.#column(scope)]
      return `${prefix}select ${key.sql}, rank() over (partition by ${other.sql} order by ${key.sql}) from ${from}${where}`
    }
    const targets = kinds
      ? kinds.map(kind => this.#ofKind(scope.own, kind)?.sql ?? literal(valuesOf[kind][0] ?? 0))
      : choices.times(1 + choices.below(3), () => this.#target(scope))
    const list = targets.map((target, index) => `${target} as o${index}`).join(', ')
    const distinct = choices.chance(10) ? 'distinct ' : ''
    const sorted = `order by ${targets.map((_, index) => `${index + 1}${choices.chance(30) ? ' desc' : ''}`).join(', ')}`
    const tail = choices.chance(25)
      ? ` ${sorted} limit ${1 + choices.below(3)}${choices.chance(30) ? ' offset 1' : ''}`
      : ''
    const select = `${prefix}select ${distinct}${list} from ${from}${where}${tail}`
    return depth > 0 && tail ? `(${select})` : select
  }

  #from(scope: Scope): string {
    const choices = this.#choices
    let sql = this.#item(scope, false)
    for (let more = [0, 1, 1, 2][choices.below(4)] ?? 0; more > 0; more--) {
      const left = [...scope.own]
      const kind = choices.pick(['join', 'left join', ',', 'left join', 'right join', 'full join', 'join'])
      if (kind === ',') {
        // Comma binds weaker than JOIN: write it as the cross join that it is.
        sql = `${sql} cross join ${this.#item(scope, true)}`
        continue
      }
      const nested = choices.chance(10)
      const inner: Scope = { own: [], outer: scope.outer, depth: scope.depth }
      let item = this.#item(inner, kind === 'join' || kind === 'left join', left)
      if (nested) {
        const before = [...inner.own]
        const second = this.#item(inner, false)
        item = `(${item} join ${second} on ${this.#on(before, inner.own.slice(before.length), inner)})`
      }
      scope.own.push(...inner.own)
      const seen: Scope = { own: [...left, ...inner.own], outer: scope.outer, depth: scope.depth }
      const condition = this.#on(left, inner.own, seen)
      // PostgreSQL can FULL JOIN on merge- or hash-joinable conditions only.
      sql = `${sql} ${kind} ${item} on ${condition}`
    }
    return sql
  }

  /** A table, or a subquery, LATERAL where that is allowed. */
  #item(scope: Scope, mayBeLateral: boolean, neighbours: readonly Named[] = scope.own): string {
    const choices = this.#choices
    const alias = this.#alias()
    if (scope.depth < 2 && choices.chance(12)) {
      const lateral = mayBeLateral && choices.chance(60)
      const derived = this.#derived(lateral ? [...neighbours, ...scope.outer] : scope.outer, scope.depth + 1)
      scope.own.push(...derived.columns.map(column => ({ ...column, sql: `${alias}.${column.sql}` })))
      return `${lateral ? 'lateral ' : ''}(${derived.sql}) ${alias}`
    }
    const table = choices.pick(this.#schema.tables)
    scope.own.push(...table.columns.map(({ name, kind }) => ({ sql: `${alias}.${name}`, kind })))
    return `${table.name} ${alias}`
  }

  #derived(outer: readonly Named[], depth: number): { sql: string; columns: Named[] } {
    const kinds = this.#choices.times(2, () => this.#choices.pick<Kind>(['int', 'text', 'bool', 'int']))
    const sql = this.#select(kinds, outer, depth)
    return { sql, columns: kinds.map((kind, index) => ({ sql: `o${index}`, kind })) }
  }

  #on(left: readonly Named[], right: readonly Named[], scope: Scope): string {
    const parts: string[] = []
    const a = this.#ofKind(left, 'int')
    const b = this.#ofKind(right, 'int')
    if (a && b) parts.push(`${a.sql} = ${b.sql}`)
    if (parts.length === 0 || this.#choices.chance(35)) parts.push(this.#predicate(scope, 1))
    return parts.join(' and ')
  }

  #conjunction(scope: Scope): string {
    return this.#choices.times(1 + this.#choices.below(3), () => this.#predicate(scope, 0)).join(' and ')
  }

  #predicate(scope: Scope, nesting: number): string {
    const choices = this.#choices
    const correlated = scope.outer.length > 0 && choices.chance(40)
    const column = this.#column(scope)
    switch (choices.below(nesting > 1 ? 8 : 16)) {
      case 1:
        return `${column.sql} in (${choices.times(1 + choices.below(3), () => this.#value(column.kind)).join(', ')})`
      case 2:
        return this.#any(column)
      case 3: {
        const other = this.#ofKind(scope.own, column.kind)
        return other ? `${column.sql} = ${other.sql}` : `${column.sql} is not null`
      }
      case 4:
        if (column.kind === 'bool') return choices.chance(50) ? column.sql : `not ${column.sql}`
        return `${column.sql} <> ${this.#value(column.kind)}`
      case 5:
        return choices.chance(50) ? `${column.sql} is null` : `${column.sql} is not null`
      case 6:
        if (column.kind === 'bool') return `${column.sql} is ${choices.pick(['true', 'false', 'not true'])}`
        return `${column.sql} ${choices.pick(['<', '>=', 'is distinct from'])} ${this.#value(column.kind)}`
      case 7: {
        const other = this.#column(scope)
        return `(${column.sql}, ${other.sql}) = (${this.#value(column.kind)}, ${this.#value(other.kind)})`
      }
      case 8:
      case 9:
        return `(${choices.times(2 + choices.below(2), () => this.#predicate(scope, nesting + 1)).join(' or ')})`
      case 10:
        return `not (${this.#predicate(scope, nesting + 1)})`
      case 11:
        return `((${this.#predicate(scope, nesting + 1)} and ${this.#predicate(scope, nesting + 1)}) or ${this.#predicate(scope, nesting + 1)})`
      case 12:
      case 13:
        if (scope.depth >= 2) return `${column.sql} = ${this.#value(column.kind)}`
        return `${choices.chance(40) ? 'not ' : ''}exists (${this.#select(['int'], [...scope.own, ...scope.outer], scope.depth + 1)})`
      case 14:
        if (scope.depth >= 2) return `${column.sql} = ${this.#value(column.kind)}`
        return `${column.sql} ${choices.chance(30) ? 'not ' : ''}in (${this.#select([column.kind], [...scope.own, ...scope.outer], scope.depth + 1)})`
      default:
        if (correlated) {
          const other = this.#ofKind(scope.outer, column.kind)
          if (other) return `${column.sql} = ${other.sql}`
        }
        return `${column.sql} = ${this.#value(column.kind)}`
    }
  }

  #any(column: Named): string {
    const choices = this.#choices
    const list = choices.times(1 + choices.below(2), () => choices.pick(valuesOf[column.kind]))
    this.values.push(list)
    return `${column.sql} = any($${this.values.length}${column.kind === 'int' ? choices.pick(['', '::int[]']) : ''})`
  }

  /** A literal or a parameter; sometimes in an unusual spelling. */
  #value(kind: Kind): string {
    const choices = this.#choices
    const value = choices.pick(valuesOf[kind])
    if (choices.chance(50)) return literal(value)
    this.values.push(choices.chance(5) ? null : kind === 'int' && choices.chance(20) ? `0${value}` : value)
    return `$${this.values.length}`
  }

  #target(scope: Scope): string {
    if (scope.depth < 2 && this.#choices.chance(12)) {
      const inner: Scope = { own: [], outer: [...scope.own, ...scope.outer], depth: scope.depth + 1 }
      const from = this.#from(inner)
      return `(select ${this.#aggregate(inner)} from ${from} where ${this.#conjunction(inner)})`
    }
    return this.#column(scope).sql
  }

  #aggregate(scope: Scope): string {
    const column = this.#column(scope)
    const name = this.#choices.pick(['count', 'count distinct', 'list', 'filter', 'every'])
    switch (name) {
      case 'count distinct':
        return `count(distinct ${column.sql})`
      case 'list':
        return `string_agg(${column.sql}::text, ',' order by ${column.sql})`
      case 'filter':
        return `count(*) filter (where ${this.#predicate(scope, 2)})`
      case 'every':
        return `bool_or(${column.sql} is null)`
      default:
        return 'count(*)'
    }
  }

  #column(scope: Scope): Named {
    return this.#choices.pick(scope.own)
  }

  #ofKind(columns: readonly Named[], kind: Kind): Named | undefined {
    const fitting = columns.filter(column => column.kind === kind)
    return fitting.length > 0 ? this.#choices.pick(fitting) : undefined
  }

  #alias(): string {
    return `a${this.#aliases++}`
  }
}
