import { createDependencyIndex } from '../../src/cache/index.ts'
import type { Change } from '../../src/feed/index.ts'
import type { Dependency } from '../../src/reads/index.ts'
import { median, randomFrom } from '../statistics.ts'
import type { Finding } from './finding.ts'

const sizes = [1_000, 100_000, 1_000_000]
const purgesPerRound = 2_000
const rounds = 15

/** What a purge of one entry costs (found, removed, filed again) in an index of a thousand to a million entries. */
export async function purge(): Promise<Finding[]> {
  const costs = sizes.map(costAt)
  const [least, most] = [Math.min(...costs), Math.max(...costs)]
  return [
    ...sizes.map((size, at) => ({
      measure: `purge of one entry among ${size.toLocaleString('en')}`,
      target: '',
      seen: `${costs[at]?.toFixed(2)} µs`,
    })),
    {
      measure: 'purge cost, the dearest size beside the cheapest',
      target: '≤ 2×',
      seen: `${(most / least).toFixed(2)}×`,
      kept: most / least <= 2,
    },
  ]
}

function costAt(size: number): number {
  const index = createDependencyIndex<{ id: number }>()
  const dependenciesOf = (id: number): Dependency[] => [
    { table: 'public.articles', equals: { id: [String(id)] }, columns: ['id', 'title'] },
    { table: 'public.comments', equals: { article_id: [String(id)] }, columns: ['article_id', 'body'] },
  ]
  const holders = Array.from({ length: size }, (_, id) => ({ id }))
  for (const holder of holders) index.add(holder, dependenciesOf(holder.id))
  const random = randomFrom(7)
  const figures: number[] = []
  for (let round = 0; round < rounds; round++) {
    const changes = Array.from({ length: purgesPerRound }, (): Change => {
      const id = String(Math.floor(random() * size))
      return {
        kind: 'update',
        table: 'public.articles',
        old: { id, title: 'old' },
        new: { id, title: 'new' },
        changed: ['title'],
      }
    })
    const begunAt = performance.now()
    for (const change of changes) {
      for (const holder of index.affected(change)) {
        index.remove(holder)
        index.add(holder, dependenciesOf(holder.id))
      }
    }
    figures.push(((performance.now() - begunAt) / purgesPerRound) * 1_000)
  }
  return median(figures)
}
