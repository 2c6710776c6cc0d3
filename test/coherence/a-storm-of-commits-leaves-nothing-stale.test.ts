import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storm } from './storm.ts'
import { type StormServer, stormServer } from './stormServer.ts'

/** The bounded storm; `the-storm-goes-on.long.test.ts` is the long one. */
const size = { commits: 3_000, audits: 10, seed: 1 }
const mostStorms = 12
let server: StormServer

beforeAll(async () => {
  server = await stormServer()
})
afterAll(() => server?.stop())

describe.each([
  ['with synchronous replication', 'on'],
  ['without synchronous replication', 'local'],
] as const)('a storm of 3,000 commits %s', (_, synchronousCommit) => {
  const rage = (checks: { visibilityCheck: boolean; fillCheck: boolean }, seed = size.seed) =>
    storm({ url: server.url, synchronousCommit, ...checks, ...size, seed })

  /** A race is lost by chance, on a quiet machine less often: storms go on until one has left stale pages. */
  const stalePages = async (checks: Parameters<typeof rage>[0]): Promise<number> => {
    for (let seed = 1; seed <= mostStorms; seed++) {
      const { stale } = await rage(checks, seed)
      if (stale.length > 0) return stale.length
    }
    return 0
  }

  it('leaves nothing stale', { timeout: 60_000 }, async () => {
    const report = await rage({ visibilityCheck: true, fillCheck: true })
    expect(report.stale).toEqual([])
    expect(report.commits).toBeGreaterThanOrEqual(size.commits)
    expect(report.audited).toBeGreaterThan(50)
    expect(report.purged).toBeGreaterThan(500)
  })

  it('leaves stale pages if purges follow the log and fills are not checked', {
    timeout: 180_000,
  }, async () => {
    expect(await stalePages({ visibilityCheck: false, fillCheck: false })).toBeGreaterThan(0)
  })

  it('leaves stale pages if only the check of fills is missing', { timeout: 180_000 }, async () => {
    expect(await stalePages({ visibilityCheck: true, fillCheck: false })).toBeGreaterThan(0)
  })

  // Without a standby the log is ahead of the snapshots in one to three of a hundred commits: see the long storm.
  it.runIf(synchronousCommit === 'on')(
    'leaves stale pages if only the wait for visibility is missing',
    { timeout: 180_000 },
    async () => {
      expect(await stalePages({ visibilityCheck: false, fillCheck: true })).toBeGreaterThan(0)
    },
  )
})
