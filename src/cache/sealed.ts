import { deserialize, serialize } from 'node:v8'
import { errors } from './errors.ts'

/**
 * Values are kept as bytes (the structured clone algorithm), so that their size is known, no caller can alter
 * another's, and they are the same whether they stay in this process or travel. What would come back as something
 * else (an instance of a class, a function) is refused rather than changed silently.
 */
export function seal(value: unknown, owner: string, around: (value: unknown) => unknown = asIs): Buffer {
  refuseUnplain(value, owner, 'it', new Set())
  return serialize(around(value))
}

const asIs = (value: unknown): unknown => value

/** A copy of what was sealed. */
export function unseal(bytes: Buffer): unknown {
  return deserialize(bytes)
}

function refuseUnplain(value: unknown, owner: string, where: string, seen: Set<unknown>): void {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw errors.CACHE_VALUE_UNSTORABLE({ owner, where, what: `a ${typeof value}` })
  if (typeof value !== 'object' || value === null || seen.has(value)) return
  seen.add(value)
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++)
      refuseUnplain(value[index], owner, `${where}[${index}]`, seen)
    return
  }
  if (value instanceof Date || value instanceof RegExp || value instanceof ArrayBuffer) return
  if (ArrayBuffer.isView(value)) return
  if (value instanceof Map) {
    for (const [key, one] of value) {
      refuseUnplain(key, owner, `a key of ${where}`, seen)
      refuseUnplain(one, owner, `${where}.get(${String(key)})`, seen)
    }
    return
  }
  if (value instanceof Set) {
    for (const one of value) refuseUnplain(one, owner, `an element of ${where}`, seen)
    return
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    const name = (prototype as { constructor?: { name?: string } }).constructor?.name ?? 'a class'
    throw errors.CACHE_VALUE_UNSTORABLE({ owner, where, what: `an instance of ${name}` })
  }
  for (const [name, one] of Object.entries(value)) refuseUnplain(one, owner, `${where}.${name}`, seen)
}
