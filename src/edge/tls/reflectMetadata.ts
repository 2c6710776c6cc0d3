/**
 * `@peculiar/x509` wires its parts with decorators and needs the metadata functions of `Reflect`, which Node lacks.
 * These are the two it calls, on a WeakMap; loaded only where a certificate is made.
 */
const kept = new WeakMap<object, Map<unknown, unknown>>()

function getMetadata(key: unknown, target: object): unknown {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const found = kept.get(at)
    if (found?.has(key)) return found.get(key)
  }
  return undefined
}

function defineMetadata(key: unknown, value: unknown, target: object): void {
  const own = kept.get(target) ?? new Map<unknown, unknown>()
  own.set(key, value)
  kept.set(target, own)
}

const reflect = Reflect as unknown as Record<string, unknown>
reflect.getMetadata ??= getMetadata
reflect.getOwnMetadata ??= (key: unknown, target: object): unknown => kept.get(target)?.get(key)
reflect.defineMetadata ??= defineMetadata
