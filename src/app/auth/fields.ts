import { getTableColumns } from 'drizzle-orm'
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'

/** What the library knows of a users table by itself. */
const known = new Set(['id', 'email', 'emailVerified', 'image', 'createdAt', 'updatedAt'])

interface Field {
  type: 'string' | 'number' | 'boolean' | 'date' | 'json'
  required: boolean
  input: true
}

/** The app's own columns of its users table, in the library's terms; keys are Drizzle's property names. */
export function additionalFields(
  users: PgTable,
  nameColumn: string,
): { fields: Record<string, Field>; unique: [string, PgColumn][]; hasName: boolean } {
  const columns = Object.entries(getTableColumns(users)) as [string, PgColumn][]
  const fields: Record<string, Field> = {}
  for (const [name, column] of columns) {
    if (known.has(name) || name === nameColumn) continue
    fields[name] = { type: fieldType(column), required: column.notNull && !column.hasDefault, input: true }
  }
  const constrained = getTableConfig(users)
    .uniqueConstraints.filter(constraint => constraint.columns.length === 1)
    .map(constraint => constraint.columns[0]?.name)
  return {
    fields,
    unique: columns.filter(([, column]) => column.isUnique || constrained.includes(column.name)),
    hasName: columns.some(([name]) => name === nameColumn),
  }
}

function fieldType(column: PgColumn): Field['type'] {
  switch (column.dataType) {
    case 'number':
    case 'bigint':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'date':
      return 'date'
    case 'json':
    case 'array':
      return 'json'
    default:
      return 'string'
  }
}
