import { type ChildProcess, fork } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { embeddedPostgres } from '../../src/data/index.ts'
import { createFeedClient, type FeedClient } from '../../src/feed/index.ts'
import { newStateDir } from '../band.ts'

/** A durable PostgreSQL with a feed process on it, and this process as one that follows it. */
export interface BenchServer {
  readonly url: string
  readonly pool: pg.Pool
  readonly feed: FeedClient
  readonly feedProcess: ChildProcess
  /** The feed process's largest resident size so far, in bytes. */
  feedPeakBytes(): Promise<number>
  stop(): Promise<void>
}

/** `prepare` makes the tables and the publication `quintet`: SQL, or what is to be done at the address. */
export async function startServer(prepare: string | ((url: string) => Promise<void>)): Promise<BenchServer> {
  const stateDir = newStateDir()
  const postgres = embeddedPostgres({ stateDir, port: 0, settings: { max_wal_size: '4GB' } })
  await postgres.start()
  const pool = new pg.Pool({ connectionString: postgres.url, max: 8 })
  pool.on('error', () => {})
  if (typeof prepare === 'string') await pool.query(prepare)
  else await prepare(postgres.url)
  const socketPath = join(stateDir, 'feed.sock')
  const feedProcess = fork(
    fileURLToPath(new URL('feedProcess.ts', import.meta.url)),
    [postgres.url, socketPath],
    {
      execArgv: ['--conditions=source'],
    },
  )
  await told(feedProcess)
  const feed = createFeedClient({ socketPath, joinTimeoutMs: 10_000 })
  await feed.start()
  if (!(await feed.barrier(20_000))) throw new Error('The feed did not begin within 20 seconds.')
  return {
    url: postgres.url,
    pool,
    feed,
    feedProcess,
    async feedPeakBytes() {
      feedProcess.send('memory')
      return ((await told(feedProcess)) as { peakBytes: number }).peakBytes
    },
    async stop() {
      await feed.stop()
      const gone = new Promise(resolve => feedProcess.once('exit', resolve))
      feedProcess.disconnect()
      await gone
      await pool.end()
      await postgres.stop()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

function told(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('exit', code => reject(new Error(`The feed ended with code ${code}.`)))
  })
}
