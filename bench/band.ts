import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { freePort } from 'quintet/testing'
import { embeddedUrl } from '../src/data/index.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Conduit, brought up by `quintet up` as a person would, on ports and a state folder of its own. */
export interface BenchBand {
  readonly http: string
  readonly https: string
  readonly appSocket: string
  readonly startMs: number
  sql(text: string, values?: unknown[]): Promise<unknown[]>
  stop(): Promise<void>
}

/** The state folder survives between starts when given, so that a second start can be measured. */
export async function startConduit(options: { stateDir?: string } = {}): Promise<BenchBand> {
  const stateDir = options.stateDir ?? newStateDir()
  const [httpPort, httpsPort, databasePort] = [await freePort(), await freePort(), await freePort()]
  const http = `http://127.0.0.1:${httpPort}`
  const begunAt = performance.now()
  const band = spawn(
    process.execPath,
    [
      join(root, 'bin/quintet.js'),
      'up',
      ...['--root', join(root, 'examples/conduit')],
      ...['--set', `stateDir=${stateDir}`],
      ...['--set', `edge.http.port=${httpPort}`],
      ...['--set', `edge.https.port=${httpsPort}`],
      ...['--set', `database.port=${databasePort}`],
      ...['--set', 'log.level=warn'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
  await firstPage(band, http)
  const startMs = performance.now() - begunAt
  const client = new pg.Pool({
    connectionString: embeddedUrl({ stateDir, port: databasePort, name: 'conduit' }),
    max: 2,
  })
  return {
    http,
    https: `https://127.0.0.1:${httpsPort}`,
    appSocket: join(stateDir, 'run', 'app-1.sock'),
    startMs,
    sql: async (text, values) => (await client.query(text, values)).rows,
    async stop() {
      await client.end()
      await ended(band)
      if (!options.stateDir) rmSync(stateDir, { recursive: true, force: true })
    },
  }
}

export function newStateDir(): string {
  const stateDir = mkdtempSync(join(tmpdir(), 'quintet-bench-'))
  chmodSync(stateDir, 0o755)
  return stateDir
}

async function firstPage(band: ChildProcess, http: string): Promise<void> {
  const giveUpAt = performance.now() + 120_000
  while (performance.now() < giveUpAt) {
    if (band.exitCode !== null) throw new Error(`quintet up ended with code ${band.exitCode}.`)
    const response = await fetch(`${http}/`).catch(() => undefined)
    if (response?.status === 200) return
    await sleep(20)
  }
  throw new Error('No page within two minutes.')
}

async function ended(band: ChildProcess): Promise<void> {
  if (band.exitCode !== null || band.signalCode !== null) return
  const gone = new Promise(resolve => band.once('exit', resolve))
  band.kill('SIGTERM')
  await gone
}
