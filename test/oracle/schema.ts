import type { Choices } from './choices.ts'

export type Type =
  | 'int'
  | 'bigint'
  | 'text'
  | 'varchar(90)'
  | 'bool'
  | 'uuid'
  | 'mood'
  | 'numeric'
  | 'char(2)'

/** Types by what compares with each other in the queries that are built. */
export type Kind = 'int' | 'text' | 'bool' | 'uuid' | 'mood' | 'numeric' | 'char'

export interface OracleColumn {
  readonly name: string
  readonly kind: Kind
}

export interface OracleTable {
  readonly name: string
  readonly columns: readonly OracleColumn[]
}

export interface OracleSchema {
  readonly tables: readonly OracleTable[]
  readonly sql: string
}

const long = 'long '.repeat(16)

/** Few values each, so that conditions are often met. */
export const valuesOf: Record<Kind, readonly (string | number | boolean)[]> = {
  int: [1, 2, 3, 0],
  text: ['a', 'b', 'A', '#a', '', long],
  bool: [true, false],
  uuid: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a22'],
  mood: ['good', 'bad'],
  numeric: ['1', '2.50', '2'],
  char: ['a', 'b '],
}

const kindOf: Record<Type, Kind> = {
  int: 'int',
  bigint: 'int',
  text: 'text',
  'varchar(90)': 'text',
  bool: 'bool',
  uuid: 'uuid',
  mood: 'mood',
  numeric: 'numeric',
  'char(2)': 'char',
}

const types = Object.keys(kindOf) as Type[]

/**
 * Three tables, each with a key `id`, two to four further columns, and perhaps references to the tables before it.
 * `_n` says which row is which, whatever happens to its columns; no query names it.
 */
export function buildSchema(choices: Choices): OracleSchema {
  const tables: OracleTable[] = []
  const statements = [`create type mood as enum ('good', 'bad')`]
  for (const name of ['t0', 't1', 't2']) {
    const columns: OracleColumn[] = [{ name: 'id', kind: 'int' }]
    const lines = ['_n serial unique', `id ${choices.pick(['int', 'bigint'])} primary key`]
    for (const parent of tables) {
      const column = `${parent.name}_id`
      columns.push({ name: column, kind: 'int' })
      lines.push(
        `${column} ${choices.pick(['int', 'bigint'])} references ${parent.name} on update cascade on delete ${choices.pick(['cascade', 'set null'])}`,
      )
    }
    choices.times(2 + choices.below(3), index => {
      const type = choices.pick(types)
      columns.push({ name: `c${index}`, kind: kindOf[type] })
      lines.push(`c${index} ${type}`)
    })
    tables.push({ name, columns })
    statements.push(`create table ${name} (${lines.join(', ')})`, `alter table ${name} replica identity full`)
  }
  statements.push('create publication quintet for table t0, t1, t2')
  return { tables, sql: statements.join('; ') }
}

/** Statements that empty the tables and fill them with up to six rows each. */
export function buildData(schema: OracleSchema, choices: Choices): string {
  const statements = ['truncate t0, t1, t2']
  const ids: Record<string, number[]> = {}
  for (const table of schema.tables) {
    const own: number[] = []
    for (let id = 0; id < 4 + choices.below(3); id++) {
      own.push(id)
      statements.push(insertRow(table, id, choices, ids))
    }
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
  const values = table.columns.map(({ name, kind }) => {
    if (name === 'id') return String(id)
    const parents = name.endsWith('_id') ? ids[name.slice(0, -3)] : undefined
    if (choices.chance(15)) return 'null'
    return literal(parents ? choices.pick(parents) : choices.pick(valuesOf[kind]))
  })
  return `insert into ${table.name} (${table.columns.map(({ name }) => name).join(', ')}) values (${values.join(', ')})`
}

export function literal(value: string | number | boolean): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
