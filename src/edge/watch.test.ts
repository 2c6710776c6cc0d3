import { afterEach, expect, test } from 'vitest'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import type { WatchEvent } from './watch.ts'

let t: EdgeUnderTest
afterEach(() => t.close())

const article = (id: string) => ({
  dependencies: [{ table: 'public.a', equals: { id: [id] }, columns: null }],
})
const row = (id: string) => ({ id, title: 'x' })

test('a watcher hears of every commit with what it purged, and of what was dropped, until it stops', async () => {
  t = await startEdge()
  const heard: WatchEvent[] = []
  const stop = t.edge.watch(event => heard.push(event))
  t.worker.answer = (request, response) =>
    t.page('hello', article(request.url?.slice(1) ?? ''))(request, response)
  for (const path of ['/1', '/2', '/3']) await t.fetch(path)
  const { xid } = t.feed.commit([
    { kind: 'delete', table: 'public.a', old: row('1') },
    { kind: 'delete', table: 'public.a', old: row('2') },
    { kind: 'insert', table: 'public.b', new: row('9') },
  ])
  t.feed.commit([{ kind: 'insert', table: 'public.a', new: row('7') }])
  t.feed.reset('e2')
  stop()
  t.feed.commit([{ kind: 'everything', reason: 'ALTER TABLE' }])
  expect(heard).toMatchObject([
    {
      type: 'commit',
      xid,
      position: 'e1:0/110',
      changes: [
        { kind: 'delete', what: 'public.a', rows: 2 },
        { kind: 'insert', what: 'public.b', rows: 1 },
      ],
      purged: 2,
      pages: ['a.test/1', 'a.test/2'],
    },
    { type: 'commit', changes: [{ kind: 'insert', what: 'public.a', rows: 1 }], purged: 0, pages: [] },
    { type: 'dropped', reason: 'new epoch e2', purged: 1 },
  ])
})
