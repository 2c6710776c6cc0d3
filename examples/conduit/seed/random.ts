/** A repeatable source of choices: the same number always gives the same blog. */
export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(items: readonly T[]): T
  /** `count` different items, in random order; all of them when there are fewer. */
  sample<T>(items: readonly T[], count: number): T[]
  chance(probability: number): boolean
  uuid(): string
}

/** mulberry32: small, fast, and good enough for filler. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    pick: items => items[between(0, items.length - 1)] as (typeof items)[number],
    sample(items, count) {
      const rest = [...items]
      const chosen: typeof rest = []
      while (chosen.length < count && rest.length > 0)
        chosen.push(...rest.splice(between(0, rest.length - 1), 1))
      return chosen
    },
    chance: probability => next() < probability,
    uuid() {
      const hex = Array.from({ length: 32 }, () => between(0, 15).toString(16)).join('')
      // Version 4, variant 1, as RFC 9562 wants them.
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
    },
  }
}
