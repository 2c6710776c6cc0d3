import type { CatalogState, Column } from '../catalog.ts'
import type { Ordered } from '../order.ts'
import { canonicalMoment, isMoment, type MomentFamily } from './moments.ts'

/**
 * Types whose `=` holds exactly when their canonical texts are equal (DESIGN §3, rule 10). Columns of one family
 * may be compared with each other: the integers among themselves, text with varchar, an enum with itself.
 */
export type Family = 'bool' | 'int' | 'uuid' | 'text' | MomentFamily | `enum:${number}`

const familyOfType = new Map<number, Family>([
  [16, 'bool'],
  [20, 'int'],
  [21, 'int'],
  [23, 'int'],
  [2950, 'uuid'],
  [25, 'text'],
  [1043, 'text'],
  [1082, 'date'],
  [1114, 'timestamp'],
  [1184, 'timestamptz'],
])

const familyOfName = new Map<string, Family>([
  ['bool', 'bool'],
  ['boolean', 'bool'],
  ['int2', 'int'],
  ['int4', 'int'],
  ['int8', 'int'],
  ['uuid', 'uuid'],
  ['text', 'text'],
  ['varchar', 'text'],
  ['date', 'date'],
  ['timestamp', 'timestamp'],
  ['timestamptz', 'timestamptz'],
])

/** The family of a column that may be a key; undefined if equality on it can't be followed. */
export function familyOf(column: Column, catalog: CatalogState): Family | undefined {
  if (!column.published || column.generated === 'v') return undefined
  if (catalog.enums.has(column.type)) return `enum:${column.type}`
  const family = familyOfType.get(column.type)
  return family === 'text' && !column.deterministic ? undefined : family
}

/** How the column's values are ordered, if that can be told from their text: not enums, nor text of any language. */
export function orderOf(column: Column, family: Family): Ordered | undefined {
  if (family === 'text') return column.bytewise ? 'text' : undefined
  return family.startsWith('enum:') ? undefined : (family as Ordered)
}

/** The family of a type written in a cast, without modifiers: `::text`, `::int4[]` by its element. */
export function familyOfTypeName(
  schema: string | undefined,
  name: string,
  catalog: CatalogState,
): Family | undefined {
  const builtIn = schema === undefined || schema === 'pg_catalog' ? familyOfName.get(name) : undefined
  if (builtIn && !catalog.types.some(type => type.name === name)) return builtIn
  const found = catalog.types.filter(type => type.name === name && (schema ?? type.schema) === type.schema)
  return found.length === 1 && found[0]?.kind === 'e' ? `enum:${found[0].oid}` : undefined
}

/** The family that a value compared with the column is taken for, whether or not the column may be a key. */
export function familyOfValue(column: Column, catalog: CatalogState): Family | undefined {
  return catalog.enums.has(column.type) ? `enum:${column.type}` : familyOfType.get(column.type)
}

/** True for operators that could be meant by an `=` between columns of the families. */
export function isFamilyType(type: number, catalog: CatalogState): boolean {
  return type === 0 || familyOfType.has(type) || catalog.enums.has(type) || pseudoTypes.has(type)
}

/** anyelement, anyarray, anynonarray, anyenum, anycompatible, record, name, bpchar and unknown: what a family's type may be taken for. */
const pseudoTypes = new Set([2283, 2277, 2776, 3500, 5077, 2249, 19, 1042, 705])

/**
 * PostgreSQL's text output for a value given as the driver would send it; undefined if that can't be told for
 * certain. It may refuse what PostgreSQL accepts, never the other way round with another meaning.
 */
export function canonical(value: unknown, family: Family): string | undefined {
  if (isMoment(family)) return canonicalMoment(value, family)
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
    if (typeof value !== 'boolean') return undefined
    return family === 'bool' ? (value ? 't' : 'f') : family === 'text' ? String(value) : undefined
  }
  const text = String(value)
  switch (family) {
    case 'int':
      // Octal, hexadecimal, underscores and fractions are left out on purpose.
      return /^\s*[+-]?\d{1,19}\s*$/.test(text) ? BigInt(text).toString() : undefined
    case 'bool':
      return booleans.get(text.toLowerCase())
    case 'uuid': {
      const hex = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i.exec(
        text,
      )
      return hex ? hex.slice(1).join('-').toLowerCase() : undefined
    }
    default:
      // An unpaired surrogate is sent as U+FFFD.
      return text.isWellFormed() ? text : undefined
  }
}

const booleans = new Map([
  ['t', 't'],
  ['true', 't'],
  ['1', 't'],
  ['yes', 't'],
  ['on', 't'],
  ['f', 'f'],
  ['false', 'f'],
  ['0', 'f'],
  ['no', 'f'],
  ['off', 'f'],
])
