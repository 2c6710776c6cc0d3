import { matches } from '../../src/cache/index.ts'
import type { Change } from '../../src/feed/index.ts'
import type { Dependency } from '../../src/reads/index.ts'
import { type Page, startConduit, type Visit } from './conduit.ts'
import type { Finding } from './finding.ts'
import { type LadderStep, ladder } from './ladder.ts'
import { readWorkload } from './workload.ts'

interface Tally {
  purged: number
  /** Purged although the new render is the same, byte for byte. */
  needless: number
}

/**
 * Every page of the workload is in the cache; after each write those are counted that each step of the ladder would
 * have purged, and those of them whose new render is the same. A page that changed and that the last step would
 * have left is stale: there may be none.
 */
export async function overPurge(): Promise<Finding[]> {
  const workload = readWorkload()
  const conduit = await startConduit(workload.people)
  try {
    const pages = new Map<Visit, Page>()
    const uncached: string[] = []
    for (const visit of workload.visits) {
      const page = await conduit.render(visit)
      if (page.record.vetoes.length === 0) pages.set(visit, page)
      else uncached.push(`${visit.join(' ')}: ${page.record.vetoes[0]}`)
    }
    const tallies = new Map<LadderStep, Tally>(ladder.map(step => [step, { purged: 0, needless: 0 }]))
    const stale: string[] = []
    const needless: string[] = []
    for (const write of workload.writes) {
      const changes: Change[] = []
      const stop = conduit.feed.onTransaction(transaction => changes.push(...transaction.changes))
      await conduit.pool.query(write)
      await conduit.feed.barrier(20_000)
      stop()
      for (const [visit, before] of pages) {
        const hit = ladder.filter(step => isPurged(before.record.dependencies, step, changes))
        // The first step purges all that any other does; what even it leaves can't have changed.
        if (hit.length === 0) continue
        const after = await conduit.render(visit)
        const same = after.response.body.equals(before.response.body)
        for (const step of hit) {
          const tally = tallies.get(step) as Tally
          tally.purged++
          if (same) tally.needless++
        }
        const last = hit.includes(ladder.at(-1) as LadderStep)
        if (!same && !last) stale.push(`${visit.join(' ')} after ${write}`)
        if (same && last) needless.push(`${visit.join(' ')} after ${write.slice(0, 120)}`)
        if (after.record.vetoes.length === 0) pages.set(visit, after)
      }
    }
    const details = [
      ...uncached.map(one => `not cached: ${one}`),
      ...needless.map(one => `purged for nothing: ${one}`),
      ...stale.map(one => `STALE: ${one}`),
    ]
    if (details.length > 0) console.error(details.join('\n'))
    return [
      ...ladder.map(step => finding(step, tallies.get(step) as Tally)),
      {
        measure: `Conduit, ${pages.size} pages, ${workload.writes.length} writes: changed pages that were not purged`,
        target: '0',
        seen: String(stale.length),
        kept: stale.length === 0,
      },
    ]
  } finally {
    await conduit.stop()
  }
}

function isPurged(
  dependencies: readonly Dependency[],
  step: LadderStep,
  changes: readonly Change[],
): boolean {
  return dependencies.some(one => {
    const coarse = step.coarsen(one)
    return changes.some(change => matches(coarse, change))
  })
}

function finding(step: LadderStep, { purged, needless }: Tally): Finding {
  const share = purged === 0 ? 0 : (100 * needless) / purged
  const last = step === ladder.at(-1)
  return {
    measure: `over-purge ratio, ladder up to: ${step.name}`,
    target: last ? '≤ 5 %' : '',
    seen: `${share.toFixed(1)} % (${needless} of ${purged})`,
    ...(last ? { kept: share <= 5 } : {}),
  }
}
