import type { A_Const, A_Indirection, Node, TypeName } from 'libpg-query'
import { type Family, familyOf, familyOfTypeName } from './canonical.ts'
import type { Findings } from './findings.ts'
import { as, dotted, strings } from './node.ts'
import {
  type ColumnPlace,
  columnNamed,
  type Resolved,
  resolveName,
  resolveQualified,
  type View,
} from './scope.ts'
import type { Source } from './template.ts'

/** What a column's name means, also as `(row).column`; undefined for any other node and for `*`. */
export function resolveRef(node: Node | undefined, view: View): Resolved | undefined {
  const indirection = as('A_Indirection', node)
  if (indirection) return resolveField(indirection, view)
  const ref = as('ColumnRef', node)
  if (!ref) return undefined
  const parts: string[] = []
  for (const field of ref.fields ?? []) {
    const part = as('String', field)?.sval
    if (part === undefined) return undefined
    parts.push(part)
  }
  const [first, second, third] = parts
  if (first === undefined || parts.length > 3) return { kind: 'unknown' }
  if (second === undefined) return resolveName(first, view)
  return third === undefined
    ? resolveQualified(undefined, first, second, view)
    : resolveQualified(first, second, third, view)
}

function resolveField({ arg, indirection }: A_Indirection, view: View): Resolved | undefined {
  const row = arg && 'ColumnRef' in arg ? resolveRef(arg, view) : undefined
  const [field, more] = strings(indirection)
  const leaf = row?.kind === 'row' && row.leaves.length === 1 ? row.leaves[0] : undefined
  const column = leaf && field && more === undefined ? columnNamed(field, leaf) : undefined
  if (column === undefined) return undefined
  return column === 'computed' ? { kind: 'some', places: [] } : { kind: 'column', place: column }
}

/** A column that may be a key, with its family. */
export interface KeyColumn extends ColumnPlace {
  readonly family: Family
}

/** The node as a bare column whose equality can be followed. */
export function keyColumn(node: Node | undefined, view: View, findings: Findings): KeyColumn | undefined {
  const cast = as('TypeCast', node)
  if (cast) {
    // A cast within a family leaves the value as it is: view definitions are full of them.
    const column = cast.typeName?.arrayBounds ? undefined : keyColumn(cast.arg, view, findings)
    return column && castFamily(cast.typeName, findings) === column.family ? column : undefined
  }
  const resolved = resolveRef(node, view)
  if (resolved?.kind !== 'column' || !resolved.place.firm) return undefined
  const family = familyOf(resolved.place.column, findings.catalog)
  return family && { ...resolved.place, family }
}

/** The node as a value known when the query is bound; casts within the family keep it so. */
export function sourceOf(node: Node | undefined, family: Family, findings: Findings): Source | undefined {
  const constant = as('A_Const', node)
  if (constant) {
    const value = constantValue(constant)
    return value === undefined ? undefined : { kind: 'constant', value }
  }
  const param = as('ParamRef', node)
  if (param?.number) return { kind: 'param', number: param.number }
  const cast = as('TypeCast', node)
  if (!cast || castFamily(cast.typeName, findings) !== family || cast.typeName?.arrayBounds) return undefined
  return sourceOf(cast.arg, family, findings)
}

/** The node as the array of `= ANY (…)`. */
export function arrayOf(node: Node | undefined, family: Family, findings: Findings): Source[] | undefined {
  const param = as('ParamRef', node)
  if (param?.number) return [{ kind: 'array', number: param.number }]
  const array = as('A_ArrayExpr', node)
  if (array) return sourcesOf(array.elements ?? [], family, findings)
  const cast = as('TypeCast', node)
  if (!cast?.typeName?.arrayBounds || castFamily(cast.typeName, findings) !== family) return undefined
  return arrayOf(cast.arg, family, findings)
}

/** All nodes as values, or undefined if one is not. */
export function sourcesOf(nodes: readonly Node[], family: Family, findings: Findings): Source[] | undefined {
  const sources: Source[] = []
  for (const node of nodes) {
    const source = sourceOf(node, family, findings)
    if (!source) return undefined
    sources.push(source)
  }
  return sources
}

/** The family a cast leads to; none with a modifier (`varchar(3)` cuts its value). */
export function castFamily(type: TypeName | undefined, findings: Findings): Family | undefined {
  if (!type || (type.typmods?.length ?? 0) > 0 || type.setof || type.pct_type) return undefined
  const { schema, name } = dotted(type.names)
  return familyOfTypeName(schema, name, findings.catalog)
}

/** The text, truth value or NULL of a constant; undefined for bit strings. Protobuf leaves zero values out. */
export function constantValue(constant: A_Const): string | boolean | null | undefined {
  if (constant.isnull) return null
  if (constant.ival) return String(constant.ival.ival ?? 0)
  if (constant.fval) return constant.fval.fval ?? '0'
  if (constant.boolval) return constant.boolval.boolval ?? false
  if (constant.sval) return constant.sval.sval ?? ''
  return undefined
}
