import type { Choices } from './choices.ts'
import { insertRow, literal, type OracleSchema, type OracleTable, valuesOf } from './schema.ts'

/** One data-changing statement, of one row or several; references cascade. */
export function buildChange(schema: OracleSchema, choices: Choices): string {
  const table = choices.pick(schema.tables)
  switch (choices.below(6)) {
    case 0:
      return `delete from ${table.name} where ${condition(table, choices)}`
    case 1: {
      const ids = Object.fromEntries(schema.tables.map(({ name }) => [name, [0, 1, 2, 3]]))
      const rows = choices.times(1 + choices.below(2), index => insertRow(table, 10 + index, choices, ids))
      return rows.join('; ')
    }
    default: {
      const assignments = new Map<string, string>()
      for (let count = 1 + choices.below(2); count > 0; count--) {
        const column = choices.pick(table.columns)
        assignments.set(
          column.name,
          column.name === 'id'
            ? 'id + 7'
            : choices.chance(20)
              ? 'null'
              : literal(choices.pick(valuesOf[column.kind])),
        )
      }
      const sets = [...assignments].map(([column, value]) => `${column} = ${value}`)
      return `update ${table.name} set ${sets.join(', ')} where ${condition(table, choices)}`
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
