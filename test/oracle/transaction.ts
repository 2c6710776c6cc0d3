import type { Choices } from './choices.ts'
import { insertRow, type OracleSchema, type OracleTable } from './schema.ts'
import { literal, valuesOf } from './types.ts'

/** One transaction: statements that change rows or the schema, some of them rolled back. */
export function buildTransaction(schema: OracleSchema, choices: Choices): string {
  if (choices.chance(6)) return buildDdl(schema, choices)
  const statements = choices.times(1 + choices.below(3), () => buildChange(schema, choices))
  if (choices.chance(12)) {
    const undone = [buildChange(schema, choices), 'rollback to undone']
    statements.splice(choices.below(statements.length + 1), 0, 'savepoint undone', ...undone)
  }
  if (choices.chance(4)) statements.push(buildDdl(schema, choices))
  return `begin; ${statements.join('; ')}; ${choices.chance(8) ? 'rollback' : 'commit'}`
}

function buildChange(schema: OracleSchema, choices: Choices): string {
  const table = choices.pick(schema.tables)
  const name = table.parts.length > 0 && choices.chance(30) ? choices.pick(table.parts) : table.name
  switch (choices.below(12)) {
    case 0:
    case 1:
      return `delete from ${name} where ${condition(table, choices)}`
    case 2:
    case 3: {
      const ids = Object.fromEntries(schema.tables.map(one => [one.name, [0, 1, 2, 3]]))
      const rows = choices.times(1 + choices.below(2), index =>
        insertRow(table, choices.pick([10, 11, -1]) + index, choices, ids),
      )
      return rows.join('; ')
    }
    case 5: {
      // The same key, another row: what deferred foreign keys allow.
      const id = choices.below(5)
      const ids = Object.fromEntries(schema.tables.map(one => [one.name, [0, 1, 2, 3]]))
      return `delete from ${table.name} where id = ${id}; ${insertRow(table, id, choices, ids)}`
    }
    case 4:
      if (choices.chance(30)) return `truncate ${name} cascade`
      return `update ${name} set id = id + ${choices.pick([7, 1, -2])} where ${condition(table, choices)}`
    default: {
      const assignments = new Map<string, string>()
      const columns = table.columns.filter(column => !column.generated)
      for (let count = 1 + choices.below(2); count > 0; count--) {
        const column = choices.pick(columns)
        const value = choices.chance(20) ? 'null' : literal(choices.pick(valuesOf[column.kind]))
        assignments.set(column.name, column.name === 'id' ? 'id + 7' : value)
      }
      const sets = [...assignments].map(([column, value]) => `${column} = ${value}`)
      return `update ${name} set ${sets.join(', ')} where ${condition(table, choices)}`
    }
  }
}

function condition(table: OracleTable, choices: Choices): string {
  if (choices.chance(60)) return `id = ${choices.below(6)}`
  if (choices.chance(20)) return 'true'
  const column = choices.pick(table.columns)
  return choices.chance(15)
    ? `${column.name} is null`
    : `${column.name} = ${literal(choices.pick(valuesOf[column.kind]))}`
}

function buildDdl(schema: OracleSchema, choices: Choices): string {
  const table = choices.pick(schema.tables)
  const own = table.columns.filter(({ name, generated }) => /c\d|C \d/.test(name) && !generated)
  const column = own.length > 0 ? choices.pick(own).name : 'c0'
  switch (choices.below(8)) {
    case 0:
      return `alter table ${table.name} add column extra${choices.below(3)} int default 4`
    case 1:
      return `alter table ${table.name} drop column ${column}`
    case 2:
      return `alter table ${table.name} alter column ${column} type text using 'a'`
    case 3:
      return `create or replace view fixed as select (id + 1)::bigint as n from t0 where id > ${choices.below(3)}`
    case 4:
      return `alter table ${table.name} disable trigger all`
    case 5:
      return choices.pick(['alter table p detach partition p_high', 'drop table p_high'])
    case 6:
      return `alter table ${table.name} rename column ${column} to renamed`
    default:
      return `create or replace view fixed as select id::bigint as n from ${table.name}`
  }
}
