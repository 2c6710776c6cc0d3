import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { FeedClient } from '../../src/feed/index.ts'
import { median, percentile } from '../statistics.ts'
import type { Finding } from './finding.ts'
import { type BenchServer, startServer } from './server.ts'

const schema = `
  create table notes (id int primary key, author int not null, title text not null, body text not null, n int not null);
  alter table notes replica identity full;
  insert into notes select i, i % 50, 'title ' || i, repeat('x', 200), 0 from generate_series(1, 10000) i;
  create publication quintet for table notes`

/** Commit → purged at 200 commits a second, and the feed's own speed beside the database's. */
export async function commits(): Promise<Finding[]> {
  const server = await startServer(schema)
  try {
    return [...(await latency(server)), ...(await throughput(server))]
  } finally {
    await server.stop()
  }
}

const perSecond = 200
const latencySeconds = 20

/**
 * From the acknowledgement of a commit until this process's caches have purged for it (its listeners have run). A
 * purge may come before the acknowledgement: that counts as 0.
 */
async function latency(server: BenchServer): Promise<Finding[]> {
  const client = await connected(server.url)
  const purgedAt = new Map<string, number>()
  const stop = server.feed.onTransaction(({ changes }) => {
    const at = performance.now()
    for (const change of changes) if (change.kind === 'update') purgedAt.set(change.new.n ?? '', at)
  })
  const acknowledgedAt = new Map<string, number>()
  const begunAt = performance.now()
  const count = perSecond * latencySeconds
  for (let n = 1; n <= count; n++) {
    await client.query('update notes set n = $1 where id = $2', [n, 1 + (n % 10_000)])
    acknowledgedAt.set(String(n), performance.now())
    const dueAt = begunAt + (n * 1_000) / perSecond
    if (dueAt > performance.now()) await sleep(dueAt - performance.now())
  }
  const rate = count / ((performance.now() - begunAt) / 1_000)
  await server.feed.barrier(20_000)
  stop()
  await client.end()
  const waits = [...acknowledgedAt].map(([n, at]) => Math.max(0, (purgedAt.get(n) ?? Number.NaN) - at))
  const [p50, p99] = [percentile(waits, 50), percentile(waits, 99)]
  return [
    {
      measure: `commit → purged at ${rate.toFixed(0)} commits/s, p50`,
      target: '≤ 1 ms',
      seen: `${p50.toFixed(2)} ms`,
      kept: p50 <= 1,
    },
    {
      measure: `commit → purged at ${rate.toFixed(0)} commits/s, p99`,
      target: '≤ 5 ms',
      seen: `${p99.toFixed(2)} ms`,
      kept: p99 <= 5,
    },
  ]
}

const writers = 8
const writeSeconds = 5
const rounds = 3

/**
 * The database's own write rate is measured while the feed process is stopped (SIGSTOP), the feed's while the
 * database rests: how fast it then tells all that was written. So neither has the processor of the other.
 */
async function throughput(server: BenchServer): Promise<Finding[]> {
  const written: number[] = []
  const told: number[] = []
  for (let round = 0; round < rounds; round++) {
    server.feedProcess.kill('SIGSTOP')
    const clients = await Promise.all(Array.from({ length: writers }, () => connected(server.url)))
    let count = 0
    const begunAt = performance.now()
    await Promise.all(
      clients.map(async client => {
        while (performance.now() - begunAt < writeSeconds * 1_000) {
          await client.query(
            `update notes set n = n + 1, title = 't' where id = ${1 + ((count * 7) % 10_000)}`,
          )
          count++
        }
      }),
    )
    written.push(count / ((performance.now() - begunAt) / 1_000))
    await Promise.all(clients.map(client => client.end()))
    told.push(count / (await drained(server.feed, () => server.feedProcess.kill('SIGCONT'), count)))
  }
  const [wrote, tells] = [median(written), median(told)]
  return [
    {
      measure: `transactions told per second (the database alone writes ${wrote.toFixed(0)})`,
      target: '≥ the database',
      seen: tells.toFixed(0),
      kept: tells >= wrote,
    },
  ]
}

/** Seconds until `count` transactions have been told. */
function drained(feed: FeedClient, begin: () => void, count: number): Promise<number> {
  return new Promise(resolve => {
    let seen = 0
    const begunAt = performance.now()
    const stop = feed.onTransaction(() => {
      if (++seen < count) return
      stop()
      resolve((performance.now() - begunAt) / 1_000)
    })
    begin()
  })
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}
