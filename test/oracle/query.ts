import type { Choices } from './choices.ts'
import { Expressions, type Named, ofKind, type Scope } from './expressions.ts'
import type { OracleSchema, OracleTable } from './schema.ts'
import { isCrisp, type Kind, literal, valuesOf } from './types.ts'

export interface OracleQuery {
  readonly text: string
  readonly values: unknown[]
}

/** A random query of the shapes that are narrowed, and of many that are not. */
export function buildQuery(schema: OracleSchema, choices: Choices): OracleQuery {
  const builder = new QueryBuilder(schema, choices)
  const text = builder.statement()
  return { text, values: builder.expressions.values }
}

/** The schema with views on its tables, and on each other. */
export function withViews(schema: OracleSchema, choices: Choices): OracleSchema {
  let made = schema
  for (const name of ['v0', '"V 1"']) {
    const builder = new QueryBuilder(made, choices)
    builder.expressions.parameters = false
    const { sql, columns } = choices.chance(50) ? builder.shaped() : builder.derived([], 0)
    made = {
      ...made,
      views: [
        ...made.views,
        { name, columns: columns.map(one => ({ name: one.sql, kind: one.kind })), parts: [] },
      ],
      sql: `${made.sql}; create view ${name} as ${sql}`,
    }
  }
  return made
}

class QueryBuilder {
  readonly expressions: Expressions
  readonly #schema: OracleSchema
  readonly #choices: Choices
  #aliases = 0

  constructor(schema: OracleSchema, choices: Choices) {
    this.#schema = schema
    this.#choices = choices
    this.expressions = new Expressions(choices, (kinds, outer, depth) => this.#select(kinds, outer, depth))
  }

  statement(): string {
    const choices = this.#choices
    if (choices.chance(35)) return this.#lookup()
    if (choices.chance(10)) {
      const kinds: Kind[] = [choices.pick<Kind>(['int', 'text', 'bool'])]
      const arms = [this.#select(kinds, [], 1), this.#select(kinds, [], 1)]
      return arms.join(` ${choices.pick(['union', 'union all', 'except', 'intersect all'])} `)
    }
    return choices.chance(30) ? this.#list() : this.#select(undefined, [], 0)
  }

  /** What pages show: plain columns of joined tables, all of them in an order that leaves nothing open. */
  #list(): string {
    const choices = this.#choices
    const scope: Scope = { own: [], outer: [], depth: 0 }
    const from = choices.chance(65) ? this.#family(scope) : this.#from(scope)
    const absent = choices.chance(15)
      ? `${choices.pick(scope.own).sql} is ${choices.pick(['null', 'distinct from null'])}`
      : ''
    const conditions = choices.chance(60) ? [this.expressions.conjunction(scope)] : []
    if (absent !== '') conditions.push(absent)
    const where = conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''
    const crisp = scope.own.filter(({ kind }) => isCrisp(kind))
    const columns = choices.times(1 + choices.below(4), () =>
      choices.pick(crisp.length > 0 ? crisp : scope.own),
    )
    const direction = (): string => choices.pick(['', '', ' desc', ' nulls first', ' desc nulls last'])
    const [key] = columns
    // All outputs sort, so that ties are rows that look alike; the first key may be one that is not shown.
    const keys = columns.map(({ sql }) => `${sql}${direction()}`)
    if (choices.chance(30)) keys.reverse()
    if (choices.chance(10) && crisp.length > 0) keys.unshift(`${choices.pick(crisp).sql}${direction()}`)
    const limit = choices.chance(75) ? ` limit ${this.#count(1 + choices.below(5))}` : ''
    const offset = choices.chance(35) ? ` offset ${this.#count(choices.below(4))}` : ''
    const computed = choices.chance(15) ? `, coalesce(${key?.sql}::text, 'none')` : ''
    const order =
      crisp.length > 0 && !(keys.length > columns.length && limit + offset !== '')
        ? ` order by ${keys.join(', ')}`
        : ''
    const list = columns.map(({ sql }, index) => (choices.chance(20) ? `${sql} as o${index}` : sql))
    return `select ${list.join(', ')}${computed} from ${from}${where}${order}${order ? limit + offset : ''}`
  }

  #count(count: number): string {
    if (this.#choices.chance(60)) return String(count)
    this.expressions.values.push(this.#choices.chance(5) ? null : count)
    return `$${this.expressions.values.length}`
  }

  /** A table, what it refers to, and perhaps what refers to it. */
  #family(scope: Scope): string {
    const choices = this.#choices
    const table = choices.pick(this.#schema.tables)
    const alias = this.#alias()
    scope.own.push(...columnsOf(table, alias))
    let sql = `${table.name} ${alias}`
    for (const other of this.#schema.tables) {
      const refers = table.columns.some(({ name }) => name === `${other.name}_id`)
      const referred = other.columns.some(({ name }) => name === `${table.name}_id`)
      if (other === table || !(refers || referred) || !choices.chance(70)) continue
      const second = this.#alias()
      const on = refers
        ? `${second}.id = ${alias}.${other.name}_id`
        : `${second}.${table.name}_id = ${alias}.id`
      scope.own.push(...columnsOf(other, second))
      const more = choices.chance(20) ? ` and ${this.expressions.predicate(scope, 1)}` : ''
      sql = `${sql} ${choices.pick(['join', 'join', 'left join', 'left join', 'right join'])} ${other.name} ${second} on ${on}${more}`
    }
    return sql
  }

  /** What an app asks most: rows of one table or two by keys and ranges, and perhaps the first few of them. */
  #lookup(): string {
    const choices = this.#choices
    const { expressions } = this
    const scope: Scope = { own: [], outer: [], depth: 3 }
    let from = this.#item(scope, false)
    if (choices.chance(30)) {
      const { sql, columns } = this.shaped()
      scope.own.splice(
        0,
        scope.own.length,
        ...columns.map(({ sql: name, kind }) => ({ sql: `s.${name}`, kind })),
      )
      from = `(${sql}) s`
    }
    if (choices.chance(35)) {
      const left = [...scope.own]
      const kind = choices.pick(['join', 'left join'])
      from += ` ${kind} ${this.#item(scope, false)}`
      const right = scope.own.slice(left.length)
      const [a, b] = [ofKind(left, 'int', choices), ofKind(right, 'int', choices)]
      from += ` on ${a?.sql ?? '1'} = ${b?.sql ?? '1'}`
    }
    const conditions = choices.times(choices.pick([1, 1, 2, 3]), () => expressions.simple(scope))
    const targets = choices.times(1 + choices.below(3), () => expressions.column(scope))
    const sorted = targets.every(({ kind }) => isCrisp(kind))
    const first = expressions.crispColumn(scope)
    const tail = sorted && choices.chance(40) ? this.#tail([first, ...targets], false, true) : ''
    return `select ${targets.map(({ sql }) => sql).join(', ')} from ${from} where ${conditions.join(' and ')}${tail}`
  }

  /** One table's columns under each of the forms that do or don't let conditions on them through. */
  shaped(): { sql: string; columns: Named[] } {
    const choices = this.#choices
    const { expressions } = this
    const scope: Scope = { own: [], outer: [], depth: 3 }
    const from = this.#item(scope, false)
    const [a, b] = [expressions.crispColumn(scope), expressions.crispColumn(scope)]
    const columns = [
      { sql: 'o0', kind: a.kind },
      { sql: 'o1', kind: b.kind },
    ]
    const where = choices.chance(40) ? ` where ${expressions.simple(scope)}` : ''
    const rest = `from ${from}${where}`
    const plain = `select ${a.sql} as o0, ${b.sql} as o1 ${rest}`
    const counted = [columns[0] ?? a, { sql: 'o1', kind: 'int' as const }]
    const [key, other] = [a.sql, b.sql]
    const inOrder = `order by ${choices.pick([`${key}, ${other}`, `${other} desc, ${key}`])}`
    switch (choices.below(9)) {
      case 1:
        return { sql: `${plain} ${inOrder} limit ${1 + choices.below(2)}`, columns }
      case 2:
        return { sql: plain.replace('select', 'select distinct'), columns }
      case 3:
        return {
          sql: `${plain.replace('select', `select distinct on (${key})`)} order by ${key}, ${other}`,
          columns,
        }
      case 4:
        return { sql: `select ${key} as o0, count(*) as o1 ${rest} group by ${key}`, columns: counted }
      case 5:
        return {
          sql: `select max(${key}::text) as o0, count(*) as o1 ${rest}`,
          columns: [{ sql: 'o0', kind: 'text' }, counted[1] ?? b],
        }
      case 6:
        return { sql: `select ${key} as o0, rank() over (order by ${other}) as o1 ${rest}`, columns: counted }
      case 7:
        return {
          sql: `${plain} ${choices.pick(['union', 'except', 'union all'])} ${plain.replace(where, '')}`,
          columns,
        }
      case 8:
        return {
          sql: `select ${key} as o0, count(*) as o1 ${rest} group by ${choices.pick(['rollup', 'cube'])} (${key})`,
          columns: counted,
        }
      default:
        return { sql: `${plain} ${inOrder} offset 1`, columns }
    }
  }

  /** A subselect with two outputs, o0 and o1. */
  derived(outer: readonly Named[], depth: number): { sql: string; columns: Named[] } {
    if (outer.length === 0 && this.#choices.chance(25)) return this.shaped()
    const kinds = this.#choices.times(2, () =>
      this.#choices.pick<Kind>(['int', 'text', 'bool', 'int', 'mood', 'numeric', 'loose', 'uuid']),
    )
    const columns = kinds.map((kind, index) => ({ sql: `o${index}`, kind }))
    if (this.#choices.chance(10)) {
      const crisp = columns.map(({ sql, kind }) => ({ sql, kind: isCrisp(kind) ? kind : 'int' }) as const)
      const arms = [0, 1].map(() =>
        this.#select(
          crisp.map(({ kind }) => kind),
          outer,
          depth,
        ),
      )
      return { sql: arms.join(` ${this.#choices.pick(['union', 'union all', 'except'])} `), columns: crisp }
    }
    return { sql: this.#select(kinds, outer, depth), columns }
  }

  /** A SELECT; its output columns are called o0, o1, …, of the kinds asked for. */
  #select(kinds: readonly Kind[] | undefined, outer: readonly Named[], depth: number): string {
    const choices = this.#choices
    const { expressions } = this
    const scope: Scope = { own: [], outer, depth }
    const prefix = depth === 0 && choices.chance(12) ? this.#with() : undefined
    let from = this.#from(scope)
    for (const { alias, columns } of prefix?.references ?? []) {
      from += ` cross join ${alias}`
      scope.own.push(...columns)
    }
    const where = choices.chance(85) ? ` where ${expressions.conjunction(scope)}` : ''
    const head = prefix?.sql ?? ''
    if (!kinds) {
      const special = this.#special(scope, from, where)
      if (special) return head + special
    }
    const targets: Named[] = kinds
      ? kinds.map(
          kind =>
            ofKind(scope.own, kind, choices) ?? {
              sql: `${literal(valuesOf[kind][0])}::${castOf[kind]}`,
              kind,
            },
        )
      : choices.times(1 + choices.below(3), () => this.#target(scope))
    const crisp = targets.every(({ kind }) => isCrisp(kind))
    const list = targets.map(({ sql }, index) => `${sql} as o${index}`).join(', ')
    if (crisp && kinds && choices.chance(10)) {
      const keys = [...new Set(targets.map(({ sql }) => sql))].join(', ')
      if (!keys.includes('::')) return `${head}select ${list} from ${from}${where} group by ${keys}`
    }
    const distinct =
      crisp && choices.chance(12) ? (choices.chance(40) ? 'distinct on (1) ' : 'distinct ') : ''
    const tail =
      crisp && (distinct.includes('on') || choices.chance(30)) ? this.#tail(targets, distinct !== '') : ''
    const select = `${head}select ${distinct}${list} from ${from}${where}${tail}`
    return depth > 0 && tail ? `(${select})` : select
  }

  /** An ORDER BY that leaves nothing open, and perhaps a LIMIT. */
  #tail(targets: readonly Named[], distinct: boolean, bySql = false): string {
    const choices = this.#choices
    const direction = (): string => choices.pick(['', '', ' desc', ' nulls first', ' desc nulls last'])
    const keys = targets.map(
      ({ sql }, index) => `${!bySql && (distinct || choices.chance(50)) ? index + 1 : sql}${direction()}`,
    )
    if (distinct) keys[0] = `1${direction()}`
    const limit =
      choices.chance(15) && !distinct
        ? ` fetch first ${1 + choices.below(3)} rows with ties`
        : choices.chance(80)
          ? ` limit ${1 + choices.below(4)}${choices.chance(30) ? ' offset 1' : ''}`
          : ''
    return ` order by ${keys.join(', ')}${limit}`
  }

  /** Grouped, aggregated, windowed and other whole forms; undefined for a plain one. */
  #special(scope: Scope, from: string, where: string): string | undefined {
    const choices = this.#choices
    const { expressions } = this
    const keys = choices.times(1 + choices.below(2), () => expressions.crispColumn(scope).sql)
    const rest = `from ${from}${where}`
    switch (choices.below(14)) {
      case 1:
      case 2: {
        const having = choices.chance(20) ? ' having count(*) > 1' : ''
        return `select ${keys.join(', ')}, ${expressions.aggregate(scope)} ${rest} group by ${keys.join(', ')}${having}`
      }
      case 3:
        return `select ${expressions.aggregate(scope)}, ${expressions.aggregate(scope)} ${rest}`
      case 4:
        return `select * ${rest}`
      case 5: {
        const [key, other] = [expressions.column(scope), expressions.column(scope)]
        return choices.chance(50)
          ? `select ${key.sql}, rank() over (partition by ${other.sql} order by ${key.sql}) ${rest}`
          : `select ${key.sql}, count(*) over w ${rest} window w as (partition by ${other.sql})`
      }
      case 6: {
        const sets = choices.pick(['rollup', 'cube', 'grouping sets'])
        const list =
          sets === 'grouping sets' ? `${keys.map(key => `(${key})`).join(', ')}, ()` : keys.join(', ')
        return `select ${keys.join(', ')}, count(*), grouping(${keys[0]}) ${rest} group by ${sets} (${list})`
      }
      default:
        return undefined
    }
  }

  /** A WITH clause, and references to its queries. */
  #with(): { sql: string; references: { alias: string; columns: Named[] }[] } {
    const choices = this.#choices
    const name = choices.chance(20) ? 't0' : 'cte'
    if (choices.chance(30)) {
      const step = `select r.n + 1 from ${name} r join t1 on t1.id = r.n where r.n < 4`
      const sql = `with recursive ${name}(n) as (select ${this.#choices.pick(['id', '1'])}::bigint from t0 where id < 2 union ${step}) `
      const alias = this.#alias()
      return {
        sql,
        references: [{ alias: `${name} ${alias}`, columns: [{ sql: `${alias}.n`, kind: 'int' }] }],
      }
    }
    const { sql, columns } = this.derived([], 1)
    const references = choices.times(1 + choices.below(2), () => {
      const alias = this.#alias()
      return {
        alias: `${name} ${alias}`,
        columns: columns.map(column => ({ ...column, sql: `${alias}.${column.sql}` })),
      }
    })
    // Where the CTE hides a table, the FROM built beside it means the CTE, too, and may fail.
    return { sql: `with ${name} as ${choices.chance(30) ? 'materialized ' : ''}(${sql}) `, references }
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
      if (choices.chance(10) && left.filter(({ sql }) => sql.endsWith('.id')).length === 1) {
        const table = choices.pick(this.#schema.tables)
        const alias = this.#alias()
        const natural = choices.chance(30)
        sql = `${sql} ${natural ? 'natural ' : ''}${kind} ${table.name} ${alias}${natural ? '' : ' using (id)'}`
        scope.own.push(...columnsOf(table, alias))
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
      // PostgreSQL can FULL JOIN on merge- or hash-joinable conditions only.
      sql = `${sql} ${kind} ${item} on ${this.#on(left, inner.own, seen)}`
    }
    return sql
  }

  /** A table or view, a subquery, LATERAL where that is allowed, or a list of values. */
  #item(scope: Scope, mayBeLateral: boolean, neighbours: readonly Named[] = scope.own): string {
    const choices = this.#choices
    const alias = this.#alias()
    if (scope.depth < 2 && choices.chance(15)) {
      const lateral = mayBeLateral && choices.chance(60)
      const derived = this.derived(lateral ? [...neighbours, ...scope.outer] : scope.outer, scope.depth + 1)
      const renamed = choices.chance(20)
      const names = renamed ? ['x', 'o1'] : ['o0', 'o1']
      scope.own.push(...derived.columns.map(({ kind }, index) => ({ kind, sql: `${alias}.${names[index]}` })))
      return `${lateral ? 'lateral ' : ''}(${derived.sql}) ${alias}${renamed ? '(x)' : ''}`
    }
    if (choices.chance(4)) {
      scope.own.push({ sql: `${alias}.n`, kind: 'int' })
      return choices.pick([`(values (1), (2)) ${alias}(n)`, `unnest('{1, 2}'::int[]) ${alias}(n)`])
    }
    const table = choices.chance(20) ? choices.pick(this.#schema.views) : choices.pick(this.#schema.tables)
    const part = table.parts.length > 0 && choices.chance(25) ? choices.pick(table.parts) : table.name
    scope.own.push(...columnsOf(table, alias, choices.chance(5)))
    return `${choices.chance(3) && table.parts.length > 0 ? 'only ' : ''}${part} ${alias}`
  }

  #on(left: readonly Named[], right: readonly Named[], scope: Scope): string {
    const parts: string[] = []
    const a = ofKind(left, 'int', this.#choices)
    const b = ofKind(right, 'int', this.#choices)
    if (a && b) parts.push(`${a.sql} = ${b.sql}`)
    if (parts.length === 0 || this.#choices.chance(35)) parts.push(this.expressions.predicate(scope, 1))
    return parts.join(' and ')
  }

  #target(scope: Scope): Named {
    const choices = this.#choices
    if (scope.depth < 2 && choices.chance(14)) {
      const inner: Scope = { own: [], outer: [...scope.own, ...scope.outer], depth: scope.depth + 1 }
      const from = this.#from(inner)
      const where = this.expressions.conjunction(inner)
      return {
        sql: `(select ${this.expressions.aggregate(inner)} from ${from} where ${where})::text`,
        kind: 'text',
      }
    }
    return this.expressions.target(scope)
  }

  #alias(): string {
    return `a${this.#aliases++}`
  }
}

const castOf: Record<Kind, string> = {
  int: 'int',
  text: 'text',
  bool: 'bool',
  uuid: 'uuid',
  mood: 'mood',
  numeric: 'numeric',
  char: 'char(2)',
  date: 'date',
  instant: 'timestamptz',
  json: 'jsonb',
  ints: 'int[]',
  loose: 'text collate loose',
}

/** `a.c`, or `(a).c`, the field of a whole row. */
function columnsOf(table: OracleTable, alias: string, fields = false): Named[] {
  return table.columns.map(({ name, kind }) => ({
    sql: fields ? `(${alias}).${name}` : `${alias}.${name}`,
    kind,
  }))
}
