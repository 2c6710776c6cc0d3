import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedPostgres } from '../../src/data/index.ts'
import { synchronousStandby } from './standby.ts'

export interface StormServer {
  readonly url: string
  stop(): Promise<void>
}

/** A server of its own with a synchronous standby that is some milliseconds late. */
export async function stormServer(lateMs = 2): Promise<StormServer> {
  const stateDir = mkdtempSync(join(tmpdir(), 'quintet-storm-'))
  chmodSync(stateDir, 0o755)
  const postgres = embeddedPostgres({
    stateDir,
    port: 0,
    durable: false,
    settings: {
      shared_buffers: '32MB',
      autovacuum: 'off',
      synchronous_standby_names: 'late',
      synchronous_commit: 'local',
    },
  })
  await postgres.start()
  const standby = await synchronousStandby(postgres.url, 'late', lateMs)
  return {
    url: postgres.url,
    async stop() {
      await standby.close()
      await postgres.stop()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
