import type { Entry } from './entry.ts'
import { type PageRequest, pageKey, type VariantSpec, variantKey } from './variant.ts'

/** Most sets of parts that the entries of one page may differ in; the longest unused goes first. */
export const mostSpecs = 16

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
  ofPage(key: string): Entry[]
  clear(): void
}

export function createVariantTable(): VariantTable {
  const pages = new Map<string, Known[]>()

  return {
    find(request) {
      const known = pages.get(pageKey(request))
      if (known === undefined) return undefined
      for (const { spec, entries } of known) {
        const entry = entries.get(spec.parts.length === 0 ? '' : variantKey(spec, request))
        if (entry !== undefined) return entry
      }
      return undefined
    },
    knows: key => pages.has(key),
    put(entry) {
      let known = pages.get(entry.key)
      if (!known) {
        known = []
        pages.set(entry.key, known)
      }
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
      return displaced
    },
    remove(entry) {
      const known = pages.get(entry.key)
      const at = known?.findIndex(one => one.spec.name === entry.spec.name) ?? -1
      const one = known?.[at]
      if (!known || !one || one.entries.get(entry.variant) !== entry) return
      one.entries.delete(entry.variant)
      if (one.entries.size === 0) known.splice(at, 1)
      if (known.length === 0) pages.delete(entry.key)
    },
    ofPage: key => (pages.get(key) ?? []).flatMap(one => [...one.entries.values()]),
    clear: () => pages.clear(),
  }
}
