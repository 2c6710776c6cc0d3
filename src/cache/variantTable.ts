import type { Entry } from './entry.ts'
import { type PageRequest, pageKey, type VariantSpec, variantKey } from './variant.ts'

/** Most sets of parts that the entries of one page may differ in; the longest unused goes first. */
const mostSpecs = 16

interface Known {
  readonly spec: VariantSpec
  readonly entries: Map<string, Entry>
}

/**
 * Finds the entry whose every recorded part equals the request's. A page (host and path) keeps a short list of the
 * sets of parts its entries were recorded with; a look-up computes the values of each set in turn, so that finding
 * an entry *is* having verified all its parts.
 */
export interface VariantTable {
  find(request: PageRequest): Entry | undefined
  /** Whether the page has any entry at all. */
  knows(key: string): boolean
  /** Puts an entry; returns those it displaced: one of the same variant, or a whole set too many. */
  put(entry: Entry): Entry[]
  remove(entry: Entry): void
  clear(): void
}

export function createVariantTable(): VariantTable {
  // Nearly every page has one entry, which then needs no list and no map.
  const pages = new Map<string, Entry | Known[]>()

  return {
    find(request) {
      const known = pages.get(pageKey(request))
      if (known === undefined) return undefined
      if (!Array.isArray(known)) return keyIn(known.spec, request) === known.variant ? known : undefined
      for (const { spec, entries } of known) {
        const entry = entries.get(keyIn(spec, request))
        if (entry !== undefined) return entry
      }
      return undefined
    },
    knows: key => pages.has(key),
    put(entry) {
      const before = pages.get(entry.key)
      if (before === undefined) {
        pages.set(entry.key, entry)
        return []
      }
      const known = Array.isArray(before) ? before : [listed(before)]
      const displaced: Entry[] = []
      let at = known.findIndex(one => one.spec.name === entry.spec.name)
      if (at === -1) {
        known.unshift({ spec: entry.spec, entries: new Map() })
        at = 0
        if (known.length > mostSpecs) displaced.push(...(known.pop()?.entries.values() ?? []))
      }
      const entries = (known[at] as Known).entries
      const old = entries.get(entry.variant)
      if (old) displaced.push(old)
      entries.set(entry.variant, entry)
      pages.set(entry.key, known.length === 1 && entries.size === 1 ? entry : known)
      return displaced
    },
    remove(entry) {
      const known = pages.get(entry.key)
      if (known === entry) pages.delete(entry.key)
      if (!Array.isArray(known)) return
      const at = known.findIndex(one => one.spec.name === entry.spec.name)
      const one = known[at]
      if (!one || one.entries.get(entry.variant) !== entry) return
      one.entries.delete(entry.variant)
      if (one.entries.size === 0) known.splice(at, 1)
      if (known.length === 0) pages.delete(entry.key)
    },
    clear: () => pages.clear(),
  }
}

function keyIn(spec: VariantSpec, request: PageRequest): string {
  return spec.parts.length === 0 ? '' : variantKey(spec, request)
}

function listed(entry: Entry): Known {
  return { spec: entry.spec, entries: new Map([[entry.variant, entry]]) }
}
