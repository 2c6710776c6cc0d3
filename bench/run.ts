import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { newStateDir, startConduit } from './band.ts'
import { freshness } from './freshness.ts'
import { hits } from './hits.ts'
import { mixedRun } from './mixed.ts'

const { values: chosen } = parseArgs({ options: { only: { type: 'string' } } })
const wanted = (name: string): boolean => !chosen.only || chosen.only.split(',').includes(name)

const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
console.log(
  `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, commit ${commit}\n`,
)

const stateDir = newStateDir()
const first = await startConduit({ stateDir })
await first.stop()
const band = await startConduit({ stateDir })
try {
  if (wanted('start')) {
    console.log(
      `First page: ${(first.startMs / 1000).toFixed(1)} s on the first start (database made, migrated, seeded), ${(band.startMs / 1000).toFixed(1)} s on the second.\n`,
    )
  }
  if (wanted('hits')) console.log(`${await hits(band)}\n`)
  if (wanted('mixed')) {
    const r = await mixedRun(band)
    console.log(
      `Mixed run: ${r.reads} reads, ${r.updates} updates: ${r.stale} stale, ${r.failed} failed, hit ratio ${r.hitRatio.toFixed(3)}, p50 ${r.p50Ms.toFixed(2)} ms, p99 ${r.p99Ms.toFixed(2)} ms.\n`,
    )
  }
  if (wanted('freshness')) {
    for (const [name, pathOf] of [
      ['the article page', (slug: string) => `/article/${slug}`],
      ['the article as JSON', (slug: string) => `/api/articles/${slug}`],
    ] as const) {
      const r = await freshness(band, pathOf)
      console.log(
        `Commit to the first fresh response with ${name}, ${r.commits} commits: p50 ${r.p50Ms.toFixed(2)} ms, p99 ${r.p99Ms.toFixed(2)} ms, worst ${r.worstMs.toFixed(2)} ms.`,
      )
    }
  }
} finally {
  await band.stop()
  rmSync(stateDir, { recursive: true, force: true })
}
