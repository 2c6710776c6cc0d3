import { expect, test } from 'vitest'
import type { EdgeStatus } from '../edge/index.ts'
import { statusLines } from './statusLines.ts'

const now = 10_000_000
const edge: EdgeStatus = {
  requests: 12,
  rejected: 1,
  failed: 0,
  collapsed: 0,
  refreshed: 0,
  pages: { entries: 3, bytes: 1_572_864, hits: 9, misses: 3, stored: 3, refused: 0, purged: 2, evicted: 0 },
  feed: { position: 'e:0/1', fresh: true },
  workers: [],
  httpPort: 8080,
  httpsPort: 8443,
}
const band = {
  pid: 7,
  environment: 'development',
  processes: [
    { name: 'feed', pid: 8, state: 'ready', restarts: 0, since: now - 5_000 },
    { name: 'app-1', pid: undefined, state: 'restarting', restarts: 2, since: now - 3_600_000 },
  ],
  edge,
} as const

test('the processes, then the edge, and what is not well stands out', () => {
  expect(statusLines(band, now, (format, text) => (format === 'red' ? `!${text}` : text))).toEqual([
    'development, supervisor is process 7',
    'feed   ready       process 8  for 5 s',
    '!app-1  restarting             for 60 min  restarted 2 times',
    '',
    'requests  12, 1 refused, 0 failed',
    'pages     3 (1.5 MB), 75.0 % hits, 2 purged',
    'feed      fresh, at e:0/1',
  ])
})

test('an edge that does not answer, and a feed that is late, are said in words', () => {
  const plain = (_: string, text: string): string => text
  expect(statusLines({ ...band, edge: { error: 'gone' } }, now, plain).at(-1)).toBe(
    'The edge does not answer: gone',
  )
  const late = { ...edge, feed: { position: null, fresh: false } }
  expect(statusLines({ ...band, edge: late }, now, plain).at(-1)).toContain('not fresh: nothing is served')
})
