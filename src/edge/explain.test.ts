import { afterEach, expect, test } from 'vitest'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'

let t: EdgeUnderTest
afterEach(() => t.close())

const article = { table: 'public.a', equals: { id: ['1'] }, columns: ['id', 'title'] }
const queries = [{ text: 'select title from a where id = $1', dependencies: [article], notes: [] }]

test('explain says what a stored page depends on, what it looked at, and what last purged it', async () => {
  t = await startEdge()
  t.worker.answer = (request, response) => {
    const asked = request.headers['quintet-explain'] === '1'
    const record = {
      dependencies: [article],
      parts: ['query:page', 'cookie:s'] as const,
      ...(asked && { queries }),
    }
    t.page('hello', record)(request, response)
  }
  await t.fetch('/p?page=2')
  await t.fetch('/p?page=2')
  const url = 'http://a.test/p?utm=1&page=2'
  expect(await t.edge.explain(url)).toMatchObject({
    status: 200,
    cached: { stored: true, entry: { hits: 1, justNow: false } },
    variant: [
      { part: 'cookie:s', occurrences: null },
      { part: 'query:page', occurrences: ['page=2'] },
    ],
    personal: true,
    dependencies: [article],
    queries,
    lastPurge: null,
    feed: { position: 'e1:0/100', fresh: true },
  })
  const transaction = t.feed.commit([{ kind: 'delete', table: 'public.a', old: { id: '1', title: 'x' } }])
  expect(await t.edge.explain(url)).toMatchObject({
    cached: { stored: true, entry: { justNow: true, position: 'e1:0/110' } },
    lastPurge: { table: 'public.a', kind: 'delete', xid: transaction.xid, position: 'e1:0/110' },
  })
})

test('explain says why a page is not cached', async () => {
  t = await startEdge()
  t.worker.answer = t.page('hello', { vetoes: ['random() in select random()'] })
  expect((await t.edge.explain('http://a.test/p', { cookie: 's=1' })).cached).toEqual({
    stored: false,
    kind: 'veto',
    why: 'random() in select random()',
  })
  expect(t.worker.seen[0]?.headers.cookie).toBe('s=1')
})

test('explain takes a path, and names what is no address', async () => {
  t = await startEdge()
  expect((await t.edge.explain('/p?q=1')).url).toBe(`http://localhost:${t.httpPort}/p?q=1`)
  await expect(t.edge.explain('ftp://a.test/')).rejects.toThrow(/EDGE_BAD_URL: "ftp:\/\/a.test\/" is no http/)
})

test('without debug, Cache-Status says the kind of reason only', async () => {
  t = await startEdge({ debug: false })
  t.worker.answer = t.page('hello', { vetoes: ['secret_function()'] })
  expect((await t.fetch('/p')).cache).toBe('quintet; fwd=uri-miss; detail="veto"')
})
