import { errors } from './errors.ts'

/**
 * One text for a list of arguments, equal only for equal lists: the type of each primitive shows in it, and an
 * object's properties stand in one order. Throws CACHE_ARGUMENT_UNUSABLE for what has no such text.
 */
export function argumentsKey(values: readonly unknown[], owner: string): string {
  return values.map((value, index) => keyOf(value, owner, `argument ${index + 1}`, 0)).join(',')
}

const deepest = 20

function keyOf(value: unknown, owner: string, where: string, depth: number): string {
  const refuse = (what: string): Error => errors.CACHE_ARGUMENT_UNUSABLE({ owner, where, what })
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'object':
      break
    default:
      throw refuse(`a ${typeof value}`)
  }
  if (value === null) return 'null'
  if (value instanceof Date) return `date ${value.getTime()}`
  if (depth >= deepest) throw refuse('nested too deeply')
  if (Array.isArray(value)) {
    return `[${value.map((one, index) => keyOf(one, owner, `${where}[${index}]`, depth + 1)).join(',')}]`
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw refuse(
      `an instance of ${(prototype as { constructor?: { name?: string } }).constructor?.name ?? 'a class'}`,
    )
  }
  const pairs = Object.entries(value as Record<string, unknown>)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${keyOf(one, owner, `${where}.${name}`, depth + 1)}`)
  return `{${pairs.join(',')}}`
}
