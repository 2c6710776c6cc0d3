import type { Database } from './database.ts'

/**
 * The tables and columns of the models that the database does not have, as `lists` and `todos.due`: somebody changed
 * the models and wrote no migration. What else the models hold (relations, types) is passed over.
 */
export async function missingFromDatabase(
  database: Pick<Database, 'internal'>,
  models: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const { is } = await import('drizzle-orm')
  const { getTableConfig, PgTable } = await import('drizzle-orm/pg-core')
  const { rows } = await database.internal.query<{ schema: string; table: string; column: string }>(
    `select n.nspname as schema, c.relname as table, a.attname as column
       from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
  )
  const known = new Map<string, Set<string>>()
  for (const { schema, table, column } of rows) {
    const name = `${schema}.${table}`
    const columns = known.get(name) ?? new Set()
    known.set(name, columns.add(column))
  }
  const tables = Object.values(models).filter(model => is(model, PgTable))
  return tables.flatMap(model => {
    const { name, schema, columns } = getTableConfig(model)
    const found = known.get(`${schema ?? 'public'}.${name}`)
    if (!found) return [name]
    return columns.filter(column => !found.has(column.name)).map(column => `${name}.${column.name}`)
  })
}
