import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchBand } from './band.ts'
import { connection } from './http.ts'
import { percentile, randomFrom } from './statistics.ts'

const seconds = 20
const updatesPerSecond = 20
const readers = 8
const readsPerSecond = 40
const hotArticles = 200
const shareOfDetail = 0.8
/** A read is stale when it shows a version older than one committed this long before the request began. */
const toleranceMs = 100

export interface MixedResult {
  readonly reads: number
  readonly stale: number
  readonly failed: number
  readonly hitRatio: number
  readonly updates: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/**
 * The mixed run of the baseline: titles of hot articles carry a growing version, are updated by raw SQL (half one row
 * by key, a quarter by slug, a quarter several at once by a range), while readers ask for details and the home page.
 */
export async function mixedRun(band: BenchBand): Promise<MixedResult> {
  const random = randomFrom(42)
  const articles = (await band.sql('select id, slug from articles order by created_at desc limit $1', [
    hotArticles,
  ])) as {
    id: number
    slug: string
  }[]
  /** Per article: every version with the time its commit was acknowledged, oldest first. */
  const commits = new Map<number, { version: number; at: number }[]>()
  for (const { id } of articles) commits.set(id, [{ version: 0, at: -Infinity }])
  await band.sql(`update articles set title = 'v0 of #' || id || '.' where id = any($1)`, [
    articles.map(a => a.id),
  ])

  const oldestAllowed = (id: number, begunAt: number): number => {
    const versions = commits.get(id) ?? []
    let allowed = 0
    for (const { version, at } of versions) if (at < begunAt - toleranceMs) allowed = version
    return allowed
  }

  const warm = connection(band.http)
  for (const { slug } of articles) await warm.get(`/article/${slug}`)
  for (let i = 0; i < 2; i++) await warm.get('/')
  warm.close()

  const latencies: number[] = []
  let reads = 0
  let stale = 0
  let failed = 0
  let hits = 0
  let updates = 0
  const until = performance.now() + seconds * 1000

  const writer = async (): Promise<void> => {
    let version = 0
    let next = performance.now()
    while (performance.now() < until) {
      version += 1
      const { id, slug } = articles[Math.floor(random() * articles.length)] as { id: number; slug: string }
      const title = `'v' || $1::int || ' of #' || id || '.'`
      if (version % 4 === 0)
        await band.sql(`update articles set title = ${title} where slug = $2`, [version, slug])
      else if (version % 4 === 1)
        await band.sql(`update articles set title = ${title} where id between $2 and $2`, [version, id])
      else await band.sql(`update articles set title = ${title} where id = $2`, [version, id])
      commits.get(id)?.push({ version, at: performance.now() })
      updates += 1
      next += 1000 / updatesPerSecond
      await sleep(Math.max(0, next - performance.now()))
    }
  }

  const reader = async (seed: number): Promise<void> => {
    const pick = randomFrom(seed)
    const client = connection(band.http)
    let next = performance.now() + (1000 / readsPerSecond) * pick()
    while (performance.now() < until) {
      await sleep(Math.max(0, next - performance.now()))
      next += 1000 / readsPerSecond
      const article = articles[Math.floor(pick() * articles.length)] as { slug: string }
      const path = pick() < shareOfDetail ? `/article/${article.slug}` : '/'
      const begunAt = performance.now()
      const { status, body, cacheStatus } = await client.get(path)
      latencies.push(performance.now() - begunAt)
      reads += 1
      if (status !== 200) failed += 1
      if (/; hit/.test(cacheStatus)) hits += 1
      const shown = [...body.matchAll(/v(\d+) of #(\d+)\./g)]
      if (shown.length === 0) failed += 1
      if (shown.some(([, version, id]) => Number(version) < oldestAllowed(Number(id), begunAt))) stale += 1
    }
    client.close()
  }

  await Promise.all([writer(), ...Array.from({ length: readers }, (_, i) => reader(100 + i))])
  return {
    reads,
    stale,
    failed,
    hitRatio: hits / reads,
    updates,
    p50Ms: percentile(latencies, 50),
    p99Ms: percentile(latencies, 99),
  }
}
