import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedPostgres } from '../data/index.ts'

/**
 * Vitest's global set-up: one PostgreSQL for the whole run, in a temporary folder, without fsync.
 * Set QUINTET_TEST_POSTGRES_URL to run against a server of your own (a superuser's URL, wal_level=logical).
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Every Vitest project runs this; the first one's server serves all.
  if (process.env.QUINTET_TEST_POSTGRES_URL) return undefined
  const stateDir = mkdtempSync(join(tmpdir(), 'quintet-test-'))
  // As root, the server runs as another account, which must be able to enter.
  chmodSync(stateDir, 0o755)
  const postgres = embeddedPostgres({
    stateDir,
    port: 0,
    name: 'test',
    durable: false,
    settings: { shared_buffers: '64MB', autovacuum: 'off', max_wal_size: '256MB' },
  })
  try {
    await postgres.start()
  } catch (error) {
    rmSync(stateDir, { recursive: true, force: true })
    throw error
  }
  process.env.QUINTET_TEST_POSTGRES_URL = postgres.url
  return async () => {
    delete process.env.QUINTET_TEST_POSTGRES_URL
    await postgres.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
}
