import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedPostgres } from '../data/index.ts'

const prefix = 'quintet-test-'
const dayMs = 86_400_000

/**
 * Vitest's global set-up: one PostgreSQL for the whole run, in a temporary folder, without fsync.
 * Set QUINTET_TEST_POSTGRES_URL to run against a server of your own (a superuser's URL, wal_level=logical).
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Every Vitest project runs this; the first one's server serves all.
  if (process.env.QUINTET_TEST_POSTGRES_URL) return undefined
  sweepOld()
  const stateDir = mkdtempSync(join(tmpdir(), prefix))
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

/** A killed run leaves its folder (its server ends by itself): nothing runs for a day. */
function sweepOld(): void {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name)
    if (!name.startsWith(prefix)) continue
    const made = statSync(folder, { throwIfNoEntry: false })
    if (made && Date.now() - made.mtimeMs > dayMs) rmSync(folder, { recursive: true, force: true })
  }
}
