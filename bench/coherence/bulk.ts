import { createPageStore, type PageRequest } from '../../src/cache/index.ts'
import { formatPosition } from '../../src/data/index.ts'
import type { Finding } from './finding.ts'
import { startServer } from './server.ts'

const rows = 1_000_000

/**
 * A million rows updated by one statement, while other commits go on: when its page is gone, counted from the
 * acknowledgement of the commit; that no other page went; and how large the feed process grew.
 */
export async function bulk(): Promise<Finding[]> {
  const server = await startServer(`
    create table bulk (id int primary key, title text not null, body text not null, price int not null);
    create table notes (id int primary key, body text not null);
    alter table bulk replica identity full;
    alter table notes replica identity full;
    insert into bulk select n, 'title ' || n, repeat('x', 60), n % 1000 from generate_series(1, ${rows}) n;
    insert into notes select n, 'note' from generate_series(1, 1000) n;
    create publication quintet for table bulk, notes`)
  try {
    const { feed, pool } = server
    const store = createPageStore({ maxBytes: 64 * 1024 ** 2, maxEntryBytes: 1024 ** 2, feed })
    const stored = ['/bulk', '/bulk/7'].concat(Array.from({ length: 500 }, (_, n) => `/notes/${n + 1}`))
    for (const path of stored) {
      const [, table = '', id] = path.split('/')
      store.fill(
        requestFor(path),
        { status: 200, headers: [], body: Buffer.from(path) },
        {
          build: 'bench',
          position: feed.position && formatPosition(feed.position),
          parts: [],
          dependencies: [{ table: `public.${table}`, equals: id ? { id: [id] } : {}, columns: null }],
          vetoes: [],
          wrote: null,
          endsAt: null,
        },
      )
    }
    if (store.stats().entries !== stored.length) throw new Error('Not every page was stored.')
    let updating = true
    // Notes 501 to 1000 have no page: their commits show that the feed goes on, and must purge nothing.
    let others = 0
    const beside = (async () => {
      while (updating) {
        await pool.query('update notes set body = md5(random()::text) where id = $1', [
          501 + (others++ % 500),
        ])
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    })()
    const purged = new Promise<number>(resolve => {
      const stop = feed.onTransaction(({ changes }) => {
        if (!changes.some(change => change.kind === 'table' && change.table === 'public.bulk')) return
        stop()
        resolve(performance.now())
      })
    })
    const begunAt = performance.now()
    await pool.query('update bulk set price = price + 1')
    const committedAt = performance.now()
    const tookMs = (await purged) - committedAt
    updating = false
    await beside
    await feed.barrier(20_000)
    const lost = stored.filter(path => path.startsWith('/notes') && !store.peek(requestFor(path))).length
    const gone = ['/bulk', '/bulk/7'].every(path => !store.peek(requestFor(path)))
    const peakMB = (await server.feedPeakBytes()) / 1024 ** 2
    store.close()
    return [
      {
        measure: `${rows.toLocaleString('en')} rows in one update (${((committedAt - begunAt) / 1000).toFixed(1)} s): purged after its commit`,
        target: '≤ 2 s',
        seen: gone ? `${(tookMs / 1000).toFixed(2)} s` : 'not purged',
        kept: gone && tookMs <= 2_000,
      },
      {
        measure: `pages of others dropped meanwhile, of 500, beside ${others} commits`,
        target: '0',
        seen: String(lost),
        kept: lost === 0,
      },
      {
        measure: 'feed process, largest resident size',
        target: '< 256 MB',
        seen: `${peakMB.toFixed(0)} MB`,
        kept: peakMB < 256,
      },
    ]
  } finally {
    await server.stop()
  }
}

function requestFor(path: string): PageRequest {
  return {
    method: 'GET',
    host: 'bench.test',
    path,
    rawQuery: '',
    rawHeaders: [],
    cookie: undefined,
    address: '127.0.0.1',
    protocol: 'https',
  }
}
