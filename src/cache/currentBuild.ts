import type { Clock } from '../core/index.ts'

/** A replaced build is refused for this long; later it may come back (a rollback). */
const retiredMs = 30_000

/** Which build of the app answers now, learnt from the records: an entry of another build is never served. */
export interface CurrentBuild {
  /**
   * True if responses of this build may be stored. A build not seen before becomes the current one, and `onChange`
   * hears of it; the one it replaced is refused while workers that still run it finish.
   */
  accepts(name: string): boolean
}

export function createCurrentBuild(clock: Clock, onChange: (reason: string) => void): CurrentBuild {
  let current: { name: string; since: number } | undefined
  const retired = new Set<string>()
  return {
    accepts(name) {
      if (current?.name === name) return true
      const now = clock.monotonic()
      if (current) {
        if (retired.has(name) && now - current.since < retiredMs) return false
        retired.add(current.name)
        onChange(`The build changed from ${current.name} to ${name}.`)
      }
      retired.delete(name)
      current = { name, since: now }
      return true
    },
  }
}
