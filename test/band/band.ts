import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Band, databaseUrl, type Explanation, explain, startBand } from '../../src/serve/index.ts'
import { loadSettings } from '../../src/settings/index.ts'
import { freePort } from '../../src/testing/index.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Visit {
  readonly status: number
  readonly body: string
  readonly headers: http.IncomingHttpHeaders
  /** Answered from the page cache (RFC 9211's `hit`). */
  readonly hit: boolean
}

export interface VisitOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** An example app with its whole architecture in real processes, and a visitor's and a database administrator's hands on it. */
export interface TestBand {
  readonly band: Band
  readonly origin: string
  readonly stateDir: string
  visit(path: string, options?: VisitOptions): Promise<Visit>
  /** Visits until the answer comes from the cache. */
  warm(path: string, options?: VisitOptions): Promise<Visit>
  /** Visits until `holds` does, at most 15 seconds; fails with the last answer. */
  eventually(path: string, holds: (visit: Visit) => boolean, options?: VisitOptions): Promise<Visit>
  /** `quintet explain` of a path, for a visitor with this cookie. */
  explain(path: string, cookie?: string): Promise<Explanation>
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>
  /** A connection of one's own, for transactions and locks. */
  connect(): Promise<pg.Client>
  /** The process id of `edge`, `feed`, `app-1`, … */
  pid(name: string): Promise<number>
  stop(): Promise<void>
}

/** Brings up the app in `folder` (from the repository's root), with a database and state folder of its own. */
export async function testBand(folder: string, set: readonly string[] = []): Promise<TestBand> {
  const stateDir = mkdtempSync(join(tmpdir(), 'quintet-band-'))
  // Where root runs the tests, the database's own account must get in; else its cluster is kept elsewhere.
  chmodSync(stateDir, 0o755)
  const databasePort = await freePort()
  const overrides = [
    `stateDir=${stateDir}`,
    `database.port=${databasePort}`,
    'edge.http.port=0',
    'edge.https.port=0',
    'log.level=warn',
    ...set,
  ]
  const settings = await loadSettings({
    root: join(root, folder),
    environment: 'development',
    set: overrides,
  })
  const band = await startBand(settings, {
    script: join(root, 'bin/quintet.js'),
    execArgv: ['--conditions=source'],
    args: overrides.flatMap(each => ['--set', each]),
  })
  const pool = new pg.Pool({ connectionString: databaseUrl(settings), max: 4 })
  // A test may kill the server under idle connections.
  pool.on('error', () => {})
  const origin = `http://127.0.0.1:${band.httpPort}`

  const visit: TestBand['visit'] = (path, options = {}) =>
    new Promise((resolve, reject) => {
      const request = http.request(
        `${origin}${path}`,
        { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false },
        response => {
          const chunks: Buffer[] = []
          response.on('data', chunk => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              body: Buffer.concat(chunks).toString(),
              headers: response.headers,
              hit: /; ?hit/.test(String(response.headers['cache-status'])),
            }),
          )
        },
      )
      request.on('error', reject)
      request.end(options.body)
    })

  const eventually: TestBand['eventually'] = async (path, holds, options) => {
    const giveUpAt = performance.now() + 15_000
    for (;;) {
      const last = await visit(path, options)
      if (holds(last)) return last
      if (performance.now() > giveUpAt) {
        throw new Error(
          `${path} did not come to that within 15 s. Last: ${last.status}, ${last.headers['cache-status']}\n${last.body.slice(0, 2_000)}`,
        )
      }
      await sleep(5)
    }
  }

  return {
    band,
    origin,
    stateDir,
    visit,
    eventually,
    warm: (path, options) => eventually(path, answer => answer.hit, options),
    explain: (path, cookie) => explain(settings, origin + path, cookie === undefined ? {} : { cookie }),
    sql: async (text, values) => (await pool.query(text, values)).rows,
    async connect() {
      const client = new pg.Client({ connectionString: databaseUrl(settings) })
      await client.connect()
      return client
    },
    async pid(name) {
      const found = (await band.status()).processes.find(each => each.name === name)?.pid
      if (!found) throw new Error(`No process is called ${name}.`)
      return found
    },
    async stop() {
      await pool.end()
      await band.stop()
      rmSync(stateDir, { recursive: true, force: true })
    },
  }
}
