import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { median, percentile } from '../statistics.ts'
import { type Page, startConduit } from './conduit.ts'
import { openStore, storeCopies } from './copies.ts'
import type { Finding } from './finding.ts'
import { readWorkload } from './workload.ts'

const copies = 200

/** What an entry takes beyond its body: each cacheable page of the workload stored a thousand times. */
export async function memory(): Promise<Finding[]> {
  const workload = readWorkload()
  const conduit = await startConduit(workload.people)
  const pages: Page[] = []
  try {
    for (const visit of workload.visits) pages.push(await conduit.render(visit))
  } finally {
    await conduit.stop()
  }
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const inUse = (): number => {
    collect()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const { store, feed } = openStore()
  const bytes: number[] = []
  const kinds: string[] = []
  // The first round pays for what grows once.
  for (const [round, page] of [...pages.slice(0, 3), ...pages].entries()) {
    if (page.record.vetoes.length > 0) continue
    const before = inUse()
    const stored = storeCopies(store, feed, page, copies, copy => round * copies + copy)
    if (stored === 0) continue
    const each = (inUse() - before) / stored
    if (round < 3) continue
    bytes.push(each)
    kinds.push(
      `${each.toFixed(0)} B: ${page.visit.join(' ')}, ${page.record.dependencies.length} dependencies, ${JSON.stringify(page.record.dependencies).length} B of record, ${page.response.headers.join('').length} B of headers`,
    )
  }
  console.error(kinds.join('\n'))
  const middle = median(bytes)
  return [
    {
      measure: `memory per entry beyond its body, ${bytes.length} pages of Conduit, median`,
      target: '≤ 1 kB',
      seen: `${middle.toFixed(0)} B`,
      kept: middle <= 1_024,
    },
    {
      measure: 'memory per entry beyond its body, p99',
      target: '',
      seen: `${percentile(bytes, 99).toFixed(0)} B`,
    },
  ]
}
