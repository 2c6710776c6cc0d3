import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestBand, testBand } from './band/band.ts'

let conduit: TestBand
let articles: { id: number; page: string }[]

beforeAll(async () => {
  conduit = await testBand('examples/conduit')
  articles = await conduit.sql(`select id, '/article/' || slug as page from articles order by id limit 10`)
}, 120_000)
afterAll(() => conduit?.stop())

/** The default of `pages.freshness`. */
const freshnessMs = 300

it('while the feed is paused pages are made anew, and afterwards the cache goes on with its entries', async () => {
  const [changed, unchanged] = articles.splice(0, 2) as [
    { id: number; page: string },
    { id: number; page: string },
  ]
  await conduit.warm(changed.page)
  await conduit.warm(unchanged.page)
  const feed = await conduit.pid('feed')
  process.kill(feed, 'SIGSTOP')
  try {
    await conduit.sql(`update articles set title = 'Unseen by the feed' where id = $1`, [changed.id])
    await sleep(freshnessMs)
    for (let i = 0; i < 20; i++) {
      const visit = await conduit.visit(changed.page)
      expect(visit.body).toContain('Unseen by the feed')
      expect(visit.hit).toBe(false)
    }
    expect((await conduit.visit(unchanged.page)).hit).toBe(false)
  } finally {
    process.kill(feed, 'SIGCONT')
  }
  const resumed = await conduit.eventually(unchanged.page, visit => visit.hit)
  // It was stored before the pause: a miss in between would have said "stored" and counted a new entry.
  expect(resumed.status).toBe(200)
  expect((await conduit.warm(changed.page)).body).toContain('Unseen by the feed')
})

it('after the feed is killed nothing older than freshness is shown, and a new feed starts an empty cache', async () => {
  const [article] = articles.splice(0, 1) as [{ id: number; page: string }]
  await conduit.warm(article.page)
  const feed = await conduit.pid('feed')
  process.kill(feed, 'SIGKILL')
  await conduit.sql(`update articles set title = 'Committed without a feed' where id = $1`, [article.id])
  await sleep(freshnessMs)
  expect((await conduit.visit(article.page)).body).toContain('Committed without a feed')
  await conduit.eventually(
    article.page,
    visit => visit.hit && visit.body.includes('Committed without a feed'),
  )
  expect(await conduit.pid('feed')).not.toBe(feed)
})

it('a killed worker costs no GET', async () => {
  const paths = articles.map(article => article.page)
  let stop = false
  const failures: string[] = []
  let done = 0
  const visitor = async (seed: number): Promise<void> => {
    for (let i = seed; !stop; i++) {
      // Signed-in looking requests are not shared, so every one of them reaches a worker.
      const visit = await conduit.visit(`${paths[i % paths.length]}`, {
        headers: { cookie: `session=nobody-${seed}-${i}` },
      })
      done += 1
      if (visit.status !== 200) failures.push(`${visit.status} ${visit.body.slice(0, 100)}`)
    }
  }
  const visitors = Array.from({ length: 8 }, (_, i) =>
    visitor(i).catch(error => failures.push(String(error))),
  )
  for (const name of ['app-1', 'app-2', 'app-1']) {
    await sleep(300)
    const killed = await conduit.pid(name)
    process.kill(killed, 'SIGKILL')
    await expect
      .poll(
        async () => {
          const worker = (await conduit.band.status()).processes.find(each => each.name === name)
          return worker?.state === 'ready' && worker.pid !== killed
        },
        { timeout: 60_000, interval: 50 },
      )
      .toBe(true)
  }
  stop = true
  await Promise.all(visitors)
  expect(failures).toEqual([])
  expect(done).toBeGreaterThan(100)
}, 200_000)

it('a killed database comes back, with what was committed, and pages follow it again', async () => {
  const [article] = articles.splice(0, 1) as [{ id: number; page: string }]
  await conduit.sql(`update articles set title = 'Committed before the end' where id = $1`, [article.id])
  const [backend] = await conduit.sql<{ pid: number }>('select pg_backend_pid() as pid')
  const parent = /PPid:\s+(\d+)/.exec(readFileSync(`/proc/${backend?.pid}/status`, 'utf8'))?.[1]
  process.kill(Number(parent), 'SIGKILL')
  await conduit.eventually(
    article.page,
    visit => visit.hit && visit.body.includes('Committed before the end'),
  )
  await expect
    .poll(
      () =>
        conduit.sql(`update articles set title = 'Committed after it' where id = $1`, [article.id]).then(
          () => true,
          () => false,
        ),
      { timeout: 10_000 },
    )
    .toBe(true)
  await conduit.eventually(article.page, visit => visit.body.includes('Committed after it'))
  await conduit.warm(article.page)
}, 60_000)
