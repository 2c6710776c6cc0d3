import { afterEach, expect, test } from 'vitest'
import { formatLsn, type Position } from '../data/index.ts'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import { createClientPositions } from './clientPosition.ts'

let t: EdgeUnderTest
afterEach(() => t?.close())

const secret = 'a secret of at least thirty-two characters'
const positions = createClientPositions(secret)
const cookieOf = (position: Position) => `quintet-position=${positions.sign(position)}`
const article = { table: 'public.a', equals: { id: ['1'] }, columns: null }

test('only positions signed with the same secret are believed, and the furthest counts', () => {
  const near = { epoch: 'e1', lsn: 0x100n }
  const far = { epoch: 'e1', lsn: 0x200n }
  expect(positions.read(cookieOf(near), undefined)).toEqual(near)
  expect(positions.read(`a=1; ${cookieOf(far)}; b=2`, positions.sign(near))).toEqual(far)
  expect(positions.read(cookieOf(near), positions.sign(far))).toEqual(far)
  const forged = createClientPositions(`${secret}!`).sign(far)
  for (const bad of [forged, 'e1:0/200', 'e1:0/200.', '', positions.sign(far).replace('200', '300')])
    expect(positions.read(`quintet-position=${bad}`, bad)).toBeUndefined()
})

test('an answer that wrote is held until the feed has seen it, and gives the client its position', async () => {
  t = await startEdge()
  const own = t.feed.ahead()
  t.worker.answer = t.page('done', { wrote: formatLsn(own.lsn) }, { location: '/p' }, 303)
  let answered = false
  const posting = t.fetch('/p', { method: 'POST', body: 'x=1' }).then(answer => {
    answered = true
    return answer
  })
  await expect.poll(() => t.worker.seen.length).toBe(1)
  await new Promise(resolve => setImmediate(resolve))
  expect(answered).toBe(false)
  t.feed.advance()
  const answer = await posting
  const [cookie] = answer.headers['set-cookie'] ?? []
  expect(cookie).toMatch(/^quintet-position=e1:0\/110\.[\w-]+; Path=\/; Max-Age=60; HttpOnly; SameSite=Lax$/)
  expect(positions.read(undefined, answer.headers['quintet-position'])).toEqual(own)
  expect(answer.cache).toBe('quintet; fwd=method')
})

test('the position only goes forward', async () => {
  t = await startEdge()
  const further = { epoch: 'e1', lsn: 0x900n }
  t.worker.answer = t.page('done', { wrote: '0/100' })
  const answer = await t.fetch('/p', { method: 'POST', headers: { cookie: cookieOf(further) } })
  expect(positions.read(undefined, answer.headers['quintet-position'])).toEqual(further)
})

test('a client ahead of this edge is served from the store once the feed has caught up, else past it', async () => {
  t = await startEdge()
  t.worker.answer = t.page('old', { dependencies: [article] })
  await t.fetch('/p')
  const ahead = { headers: { cookie: cookieOf(t.feed.ahead()) } }
  const past = await t.fetch('/p', ahead)
  expect(past.cache).toMatch(/^quintet; fwd=bypass/)
  expect(t.worker.seen).toHaveLength(2)

  const waiting = t.fetch('/p', ahead)
  await expect.poll(() => t.edge.status().requests).toBe(3)
  t.feed.advance()
  expect((await waiting).cache).toBe('quintet; hit')
  expect(
    (await t.fetch('/p', { headers: { 'quintet-position': positions.sign(t.feed.ahead(0n)) } })).cache,
  ).toBe('quintet; hit')
})

test('a client ahead never joins a render begun before its own write', async () => {
  t = await startEdge()
  const held: (() => void)[] = []
  t.worker.answer = (request, response) => {
    const answer = t.page(`render ${held.length + 1}`, { dependencies: [article] })
    held.push(() => answer(request, response))
  }
  const before = t.fetch('/p')
  await expect.poll(() => held.length).toBe(1)
  t.feed.advance()
  const after = t.fetch('/p', { headers: { cookie: cookieOf(t.feed.ahead(0n)) } })
  await expect.poll(() => held.length).toBe(2)
  for (const release of held) release()
  await before
  expect((await after).cache).toBe('quintet; fwd=uri-miss; stored')
})

test('a position of a lost epoch is satisfied by a barrier, and left to expire', async () => {
  t = await startEdge()
  await t.fetch('/p')
  const lost = { headers: { cookie: cookieOf({ epoch: 'e0', lsn: 0x999n }) } }
  const hit = await t.fetch('/p', lost)
  expect(hit.cache).toBe('quintet; hit')
  // Taking it away could overtake another answer that brings a newer one.
  expect(hit.headers['set-cookie']).toBeUndefined()
  t.feed.setFresh(false)
  expect((await t.fetch('/p', lost)).cache).toMatch(/^quintet; fwd=bypass; detail="client is ahead"/)
})

test('an unsafe request without a record counts as a write', async () => {
  t = await startEdge()
  t.worker.answer = (_, response) => response.end('ok')
  const answer = await t.fetch('/p', { method: 'POST' })
  expect(positions.read(undefined, answer.headers['quintet-position'])).toEqual(t.feed.position)
  t.feed.setFresh(false)
  const unknown = await t.fetch('/p', { method: 'POST' })
  expect(positions.read(undefined, unknown.headers['quintet-position'])?.epoch).toBe('unknown')
})

test('the worker never sees the position, and its cookie makes no variant', async () => {
  t = await startEdge()
  t.worker.answer = t.page('x', { parts: ['cookie:*', 'header:quintet-position'] })
  const mine = cookieOf(t.feed.ahead(0n))
  await t.fetch('/p', {
    headers: { cookie: `a=1; ${mine}`, 'quintet-position': positions.sign(t.feed.ahead(0n)) },
  })
  expect(t.worker.seen[0]?.headers.cookie).toBe('a=1')
  expect(t.worker.seen[0]?.headers['quintet-position']).toBeUndefined()
  expect((await t.fetch('/p', { headers: { cookie: 'a=1' } })).cache).toBe('quintet; hit')
})

test('an unsafe request that got no answer leaves its client to be served only after a barrier', async () => {
  t = await startEdge({ edge: { timeouts: { upstreamMs: 50, bodyMs: 5_000, idleMs: 5_000 } } })
  t.worker.answer = () => {}
  const late = await t.fetch('/p', { method: 'POST', body: 'x=1' })
  t.worker.answer = request => request.socket.destroy()
  const dead = await t.fetch('/p', { method: 'POST', body: 'x=1' })
  expect([late.status, dead.status]).toEqual([504, 502])
  for (const { headers } of [late, dead]) {
    expect(headers['set-cookie']?.[0]).toMatch(/^quintet-position=/)
    expect(positions.read(undefined, headers['quintet-position'])?.epoch).toBe('unknown')
    expect(headers['cache-control']).toBe('no-store')
  }
  t.worker.answer = t.page('x')
  await t.fetch('/p')
  const cookie = String(late.headers['set-cookie']?.[0]).split(';')[0] as string
  expect((await t.fetch('/p', { headers: { cookie } })).cache).toBe('quintet; hit')
  t.feed.setFresh(false)
  expect((await t.fetch('/p', { headers: { cookie } })).cache).toMatch(/client is ahead/)
})

test("an answer that gives a client its position is that client's alone", async () => {
  t = await startEdge()
  const wrote = { wrote: formatLsn(t.feed.ahead(0n).lsn) }
  const sent = async (headers: Record<string, string>, method = 'GET'): Promise<unknown> => {
    t.worker.answer = t.page('x', wrote, headers)
    const answer = await t.fetch('/p', { method })
    expect(answer.headers['set-cookie']).toHaveLength(1)
    return answer.headers['cache-control']
  }
  expect(await sent({})).toBe('private, no-cache')
  expect(await sent({ 'cache-control': 'public, max-age=31536000, immutable' })).toBe('private, no-cache')
  expect(await sent({ 'cache-control': 'no-store' })).toBe('no-store')
  expect(await sent({ 'cache-control': 'public, max-age=60' }, 'POST')).toBe('private, no-cache')
})
