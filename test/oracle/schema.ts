import type { Choices } from './choices.ts'
import { type Kind, kindOf, literal, type Type, types, valuesOf } from './types.ts'

export interface OracleColumn {
  /** As written in SQL: quoted where it must be. */
  readonly name: string
  readonly kind: Kind
  /** Made by PostgreSQL itself: never assigned. */
  readonly generated?: 'stored' | 'virtual'
}

export interface OracleTable {
  /** As written in SQL, with its schema where the search path has none. */
  readonly name: string
  readonly columns: readonly OracleColumn[]
  /** What its rows are kept in, partitions and children, by which they may be read as well. */
  readonly parts: readonly string[]
}

export interface OracleSchema {
  readonly tables: readonly OracleTable[]
  /** Named in queries only. */
  readonly views: readonly OracleTable[]
  readonly sql: string
}

/** Statements that remove whatever a schema has made. */
export const dropSql = `drop schema if exists public cascade; drop schema if exists "Other" cascade; create schema public; create schema "Other"`

/**
 * Four tables, each with a key `id`, columns of many types, and perhaps references to the tables before it; one is
 * partitioned, one may be inherited from, one has a name that must be quoted and lies in a schema of its own. Some
 * have generated columns, and triggers that write to other tables.
 */
export function buildSchema(choices: Choices): OracleSchema {
  const tables: OracleTable[] = []
  const statements = [
    `create type mood as enum ('good', 'bad')`,
    `create collation loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  ]
  for (const name of ['t0', 't1', '"Other"."Odd one"', 'p']) {
    const partitioned = name === 'p'
    const columns: OracleColumn[] = [{ name: 'id', kind: 'int' }]
    const lines = [`id ${choices.pick(['int', 'bigint', 'smallint'])} primary key`]
    for (const parent of tables.slice(0, 2)) {
      if (!choices.chance(70)) continue
      const column = `${parent.name}_id`
      columns.push({ name: column, kind: 'int' })
      const required = choices.chance(50)
      const onDelete = required
        ? choices.pick(['cascade', 'no action'])
        : choices.pick(['cascade', 'set null'])
      const deferred = onDelete === 'no action' || choices.chance(20) ? ' deferrable initially deferred' : ''
      lines.push(
        `${column} ${choices.pick(['int', 'bigint'])}${required ? ' not null default 1' : ''} references ${parent.name} on update cascade on delete ${onDelete}${deferred}`,
      )
    }
    choices.times(2 + choices.below(4), index => {
      const type: Type = choices.pick(types)
      const column = choices.chance(10) ? `"C ${index}"` : `c${index}`
      columns.push({ name: column, kind: kindOf[type] })
      lines.push(
        `${column} ${type}${choices.chance(10) ? ` not null default ${literal(valuesOf[kindOf[type]][0])}` : ''}`,
      )
    })
    if (choices.chance(25)) {
      const generated = choices.pick(['stored', 'stored', 'virtual'] as const)
      columns.push({ name: 'g', kind: 'int', generated })
      lines.push(`g int generated always as (id % 2) ${generated}`)
    }
    const parts: string[] = []
    statements.push(
      `create table ${name} (${lines.join(', ')})${partitioned ? ' partition by range (id)' : ''}`,
    )
    if (partitioned) {
      parts.push('p_low', 'p_high')
      statements.push('create table p_low partition of p for values from (minvalue) to (3)')
      statements.push('create table p_high partition of p for values from (3) to (maxvalue)')
    } else if (name === 't1' && choices.chance(30)) {
      parts.push('t1_child')
      statements.push('create table t1_child (extra int) inherits (t1)')
    }
    tables.push({ name, columns, parts })
  }
  if (choices.chance(40)) statements.push(...trigger(tables, choices))
  statements.push(...followed(tables))
  statements.push('create view fixed as select id::bigint as n from t0')
  return {
    tables,
    views: [{ name: 'fixed', columns: [{ name: 'n', kind: 'int' }], parts: [] }],
    sql: statements.join('; '),
  }
}

/** What makes the feed hear of everything, as `quintet migrate` would: here in the same transaction, which is faster. */
function followed(tables: readonly OracleTable[]): string[] {
  const heard = tables.filter(({ columns }) => !columns.some(({ generated }) => generated === 'virtual'))
  const identities = heard.flatMap(({ name, parts }) => [name, ...parts])
  const roots = tables.flatMap(({ name, parts }) => [name, ...(name === 'p' ? [] : parts)])
  return [
    ...identities.map(name => `alter table ${name} replica identity full`),
    `alter publication quintet set table ${roots.join(', ')}`,
  ]
}

/** Writes to a later table whatever happens to a row of an earlier one. */
function trigger(tables: readonly OracleTable[], choices: Choices): string[] {
  const from = choices.below(2)
  const [source, target] = [tables[from], tables[from + 1 + choices.below(2)]]
  const column = target?.columns.find(({ kind, name }) => name.startsWith('c') && kind !== 'loose')
  if (!source || !target || !column) return []
  const body = choices.pick([
    `update ${target.name} set ${column.name} = ${literal(choices.pick(valuesOf[column.kind]))} where id = coalesce(new.id, old.id)`,
    `delete from ${target.name} where id = coalesce(new.id, old.id) + 1`,
  ])
  return [
    `create function follow() returns trigger language plpgsql as $$ begin ${body}; return null; end $$`,
    `create trigger follows after ${choices.pick(['insert or update', 'update or delete', 'insert or update or delete'])} on ${source.name} for each row execute function follow()`,
  ]
}

/** Statements that empty the tables and fill them with up to six rows each. */
export function buildData(schema: OracleSchema, choices: Choices): string {
  const statements: string[] = []
  const ids: Record<string, number[]> = {}
  for (const table of schema.tables) {
    const own: number[] = []
    for (let id = 0; id < 4 + choices.below(3); id++) {
      own.push(id)
      statements.push(insertRow(table, id, choices, ids))
    }
    if (table.parts.includes('t1_child'))
      statements.push('insert into t1_child (id, extra) values (2, 5), (7, null)')
    ids[table.name] = own
  }
  return statements.join('; ')
}

/** One row; references go to rows that exist, or nowhere. */
export function insertRow(
  table: OracleTable,
  id: number,
  choices: Choices,
  ids: Readonly<Record<string, readonly number[]>>,
): string {
  const columns = table.columns.filter(({ generated }) => !generated)
  const values = columns.map(({ name, kind }) => {
    if (name === 'id') return String(id)
    const parents = name.endsWith('_id') ? ids[name.slice(0, -3)] : undefined
    if (choices.chance(15)) return 'default'
    return literal(parents ? choices.pick(parents) : choices.pick(valuesOf[kind]))
  })
  return `insert into ${table.name} (${columns.map(({ name }) => name).join(', ')}) values (${values.join(', ')})`
}
