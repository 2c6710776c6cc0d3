import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storm } from './storm.ts'
import { type StormServer, stormServer } from './stormServer.ts'

/** The bounded storm; `the-storm-goes-on.long.test.ts` is the long one. */
const size = { commits: 3_000, audits: 10, seed: 1 }
let server: StormServer

beforeAll(async () => {
  server = await stormServer()
})
afterAll(() => server?.stop())

describe.each([
  ['with synchronous replication', 'on'],
  ['without synchronous replication', 'local'],
] as const)('a storm of 3,000 commits %s', (_, synchronousCommit) => {
  const rage = (checks: { visibilityCheck: boolean; fillCheck: boolean }) =>
    storm({ url: server.url, synchronousCommit, ...checks, ...size })

  it('leaves nothing stale', { timeout: 60_000 }, async () => {
    const report = await rage({ visibilityCheck: true, fillCheck: true })
    expect(report.stale).toEqual([])
    expect(report.commits).toBeGreaterThanOrEqual(size.commits)
    expect(report.audited).toBeGreaterThan(50)
    expect(report.purged).toBeGreaterThan(500)
  })

  it('leaves stale pages if purges follow the log and fills are not checked', {
    timeout: 60_000,
  }, async () => {
    const report = await rage({ visibilityCheck: false, fillCheck: false })
    expect(report.stale.length).toBeGreaterThan(0)
  })

  it('leaves stale pages if only the check of fills is missing', { timeout: 60_000 }, async () => {
    const report = await rage({ visibilityCheck: true, fillCheck: false })
    expect(report.stale.length).toBeGreaterThan(0)
  })

  // Without a standby the log is ahead of the snapshots in one to three of a hundred commits: see the long storm.
  it.runIf(synchronousCommit === 'on')(
    'leaves stale pages if only the wait for visibility is missing',
    { timeout: 60_000 },
    async () => {
      const report = await rage({ visibilityCheck: false, fillCheck: true })
      expect(report.stale.length).toBeGreaterThan(0)
    },
  )
})
