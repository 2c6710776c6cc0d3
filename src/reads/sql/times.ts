import type { Node, TypeName } from 'libpg-query'
import type { Findings } from './findings.ts'
import { as, dotted } from './node.ts'
import { resolveRef } from './operands.ts'
import type { View } from './scope.ts'

/** Types whose input reads the clock for words like `today`: dates, times and their ranges. */
const timeTypes = new Set(
  'date time timetz timestamp timestamptz abstime tsrange tstzrange daterange tsmultirange tstzmultirange datemultirange'.split(
    ' ',
  ),
)
const timeTypeOids = new Set([1082, 1083, 1114, 1184, 1266, 3908, 3910, 3912])
const timeFunctions = new Set(
  'date_trunc date_bin date_add date_subtract to_timestamp to_date timezone make_date make_time make_timestamp make_timestamptz date time timestamp timestamptz'.split(
    ' ',
  ),
)

export function isTimeType(type: TypeName | undefined, findings: Findings): boolean {
  const { name } = dotted(type?.names)
  return (
    timeTypes.has(name) ||
    findings.catalog.types.some(known => known.name === name && (known.kind === 'd' || known.kind === 'c'))
  )
}

export function isTimeFunction(name: string): boolean {
  return timeTypes.has(name)
}

/**
 * True if casting the node to a date or time can't read the clock: it is one already, or a literal or parameter,
 * which are looked at by themselves. Text from the database could hold the word `today`.
 */
export function castsWithoutClock(node: Node | undefined, view: View): boolean {
  if (!node || 'A_Const' in node || 'ParamRef' in node) return true
  if ('ColumnRef' in node) {
    const resolved = resolveRef(node, view)
    return resolved?.kind === 'column' && timeTypeOids.has(resolved.place.column.type)
  }
  const call = as('FuncCall', node)
  if (call) return timeFunctions.has(dotted(call.funcname).name)
  const cast = as('TypeCast', node)
  if (cast) return timeTypes.has(dotted(cast.typeName?.names).name)
  const expression = as('A_Expr', node)
  return expression !== undefined && ['+', '-'].includes(dotted(expression.name).name)
}

/** True if the node is certain to be a timestamp or a date: `AT TIME ZONE` on a mere time of day asks the clock for its offset. */
export function isInstant(node: Node | undefined, view: View): boolean {
  const resolved = resolveRef(node, view)
  if (resolved) return resolved.kind === 'column' && instantOids.has(resolved.place.column.type)
  const cast = as('TypeCast', node)
  if (cast) return instantTypes.has(dotted(cast.typeName?.names).name)
  const call = as('FuncCall', node)
  if (!call) return false
  const { name } = dotted(call.funcname)
  return name === 'timezone' ? isInstant(call.args?.[1], view) : instantFunctions.has(name)
}

const instantOids = new Set([1082, 1114, 1184])
const instantTypes = new Set(['date', 'timestamp', 'timestamptz'])
const instantFunctions = new Set([
  'date_trunc',
  'date_bin',
  'to_timestamp',
  'to_date',
  'make_date',
  'make_timestamp',
  'make_timestamptz',
])
