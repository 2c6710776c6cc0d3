import type { BenchBand } from './band.ts'
import { wrk } from './load.ts'
import { nginx, type Peer, varnish } from './peers.ts'
import { median } from './statistics.ts'

const rounds = 3
const seconds = 4
const connections = [8, 64]

/**
 * A cached article page, over plain HTTP, from the edge and from two peers in front of the same worker: interleaved
 * rounds, medians, and each as a ratio to Varnish.
 */
export async function hits(band: BenchBand): Promise<string> {
  const [article] = (await band.sql('select slug from articles order by id limit 1')) as { slug: string }[]
  const path = `/article/${article?.slug}`
  const peers: Peer[] = []
  try {
    for (const start of [varnish, nginx]) peers.push(await start(band.appSocket))
    const contestants = [{ name: 'Quintet edge', url: band.http }, ...peers]
    const figures = new Map<string, number[]>()
    for (const { url } of contestants)
      for (let i = 0; i < 3; i++) await (await fetch(`${url}${path}`)).arrayBuffer()
    for (let round = 0; round < rounds; round++) {
      for (const c of connections) {
        for (const { name, url } of contestants) {
          const key = `${name} ${c}`
          figures.set(key, [...(figures.get(key) ?? []), await wrk(`${url}${path}`, c, seconds)])
        }
      }
    }
    const of = (name: string, c: number): number => median(figures.get(`${name} ${c}`) ?? [])
    const lines = contestants.map(({ name }) => {
      const cells = connections.map(
        c =>
          `${Math.round(of(name, c)).toLocaleString('en')} (${(of(name, c) / of('Varnish', c)).toFixed(2)}×)`,
      )
      return `| ${name} | ${cells.join(' | ')} |`
    })
    return [
      `| cached article page, requests/s | ${connections.map(c => `${c} connections`).join(' | ')} |`,
      '| --- | --- | --- |',
      ...lines,
    ].join('\n')
  } finally {
    for (const peer of peers) await peer.stop()
  }
}
