import type { EdgeStatus } from '../edge/index.ts'
import type { BandStatus } from '../serve/index.ts'
import { columns } from './table.ts'
import type { Terminal } from './terminal.ts'

/** What `quintet status` prints: the processes, then what the edge says of itself. `now`: milliseconds since the Unix epoch. */
export function statusLines(band: BandStatus, now: number, style: Terminal['style']): string[] {
  const rows = band.processes.map(({ name, state, pid, since, restarts }) => [
    name,
    state,
    pid === undefined ? '' : `process ${pid}`,
    `for ${span(now - since)}`,
    restarts === 0 ? '' : `restarted ${restarts === 1 ? 'once' : `${restarts} times`}`,
  ])
  return [
    style('bold', `${band.environment}, supervisor is process ${band.pid}`),
    ...columns(rows).map((line, index) =>
      style(band.processes[index]?.state === 'ready' ? 'green' : 'red', line),
    ),
    '',
    ...edgeLines(band.edge as EdgeStatus | { readonly error: string }),
  ]
}

function edgeLines(edge: EdgeStatus | { readonly error: string }): string[] {
  if ('error' in edge) return [`The edge does not answer: ${edge.error}`]
  const { requests, rejected, failed, pages, feed } = edge
  const asked = pages.hits + pages.misses
  const ratio = asked === 0 ? 'none asked for' : `${((100 * pages.hits) / asked).toFixed(1)} % hits`
  return columns([
    ['requests', `${requests}, ${rejected} refused, ${failed} failed`],
    [
      'pages',
      `${pages.entries} (${(pages.bytes / 1024 ** 2).toFixed(1)} MB), ${ratio}, ${pages.purged} purged`,
    ],
    ['feed', feed.fresh ? `fresh, at ${feed.position}` : 'not fresh: nothing is served from the cache'],
  ])
}

function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
