import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { storm } from './storm.ts'
import { type StormServer, stormServer } from './stormServer.ts'

const hours = { timeout: 3_600_000 }
const size = { commits: 60_000, audits: 150 }
let server: StormServer

beforeAll(async () => {
  server = await stormServer()
})
afterAll(() => server?.stop())

describe.each([
  ['with synchronous replication', 'on'],
  ['without synchronous replication', 'local'],
] as const)('a storm of 60,000 commits %s', (_, synchronousCommit) => {
  it.each([1, 2, 3])('leaves nothing stale, seed %i', hours, async seed => {
    const report = await storm({
      url: server.url,
      visibilityCheck: true,
      fillCheck: true,
      synchronousCommit,
      seed,
      ...size,
    })
    expect(report.stale).toEqual([])
    expect(report.audited).toBeGreaterThan(1_000)
  })

  it.each([
    ['both checks are', false, false],
    ['the wait for visibility is', false, true],
    ['the check of fills is', true, false],
  ])('leaves stale pages if %s missing', hours, async (__, visibilityCheck, fillCheck) => {
    const report = await storm({
      url: server.url,
      visibilityCheck,
      fillCheck,
      synchronousCommit,
      seed: 4,
      ...size,
    })
    expect(report.stale.length).toBeGreaterThan(0)
  })
})
