import { errors } from '../errors.ts'
import { table } from '../table.ts'
import type { Verb } from '../verb.ts'

export const sql: Verb = {
  name: 'sql',
  summary: "run SQL on the app's database",
  arguments: [
    { syntax: '<statement>', summary: 'one or several statements; the result of the last is printed' },
  ],
  options: [{ flags: '--json', summary: 'rows as a JSON array' }],
  async run({ args, options, terminal, settings }) {
    const { withDatabase } = await import('../reachDatabase.ts')
    const { rows, fields, rowCount } = await withDatabase(await settings(), database =>
      database.query(args[0] ?? '').catch(error => Promise.reject(refusal(error))),
    )
    if (options.json) return terminal.out(JSON.stringify(rows, null, 2))
    if (fields.length === 0) return terminal.out(counted(rowCount, 'changed'))
    const names = fields.map(field => field.name)
    for (const line of table(
      names,
      rows.map(row => names.map(name => cell(row[name]))),
    ))
      terminal.out(line)
    terminal.out(`(${counted(rows.length)})`)
  },
}

function counted(rows: number, what?: string): string {
  return [rows, rows === 1 ? 'row' : 'rows', what].filter(word => word !== undefined).join(' ')
}

/** A value on one line: SQL's own spelling where JavaScript has another. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString()
  if (Buffer.isBuffer(value)) return `\\x${value.toString('hex')}`
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).replaceAll(/\r?\n/g, '↵')
}

/** The server's refusal as an error of ours; anything else (unreachable, …) is one already. */
function refusal(error: unknown): unknown {
  const { code, severity, message, hint } = error as Record<string, string | undefined>
  if (!severity || !code) return error
  return errors.CLI_SQL_FAILED({ reason: message ?? '', state: code, hint }, { cause: error })
}
