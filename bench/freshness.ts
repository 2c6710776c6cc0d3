import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchBand } from './band.ts'
import { connection } from './http.ts'
import { percentile } from './statistics.ts'

export interface FreshnessResult {
  readonly commits: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
}

/** Before measuring, so that every process runs compiled code. */
const warmUpCommits = 500

/** From the acknowledgement of a raw UPDATE's commit to the end of the first response that shows it. */
export async function freshness(
  band: BenchBand,
  pathOf: (slug: string) => string,
  commits = 500,
): Promise<FreshnessResult> {
  const [article] = (await band.sql('select id, slug from articles order by created_at desc limit 1')) as {
    id: number
    slug: string
  }[]
  if (!article) throw new Error('The benchmark needs a seeded Conduit.')
  const client = connection(band.http)
  const path = pathOf(article.slug)
  const delays: number[] = []
  for (let version = 1; version <= warmUpCommits + commits; version++) {
    await client.get(path)
    await client.get(path)
    const title = `fresh ${version}.`
    await band.sql('update articles set title = $1 where id = $2', [title, article.id])
    const committedAt = performance.now()
    while (!(await client.get(path)).body.includes(title)) {
      if (performance.now() - committedAt > 5_000)
        throw new Error(`Version ${version} did not show within 5 s.`)
      // On two cores a client that never pauses takes the time that the answer needs.
      await sleep(1)
    }
    if (version > warmUpCommits) delays.push(performance.now() - committedAt)
  }
  client.close()
  return {
    commits,
    p50Ms: percentile(delays, 50),
    p99Ms: percentile(delays, 99),
    worstMs: Math.max(...delays),
  }
}
