import { expect, test } from 'vitest'
import { createFakeFeed } from '../testing/fakeFeed.ts'
import { createFlights } from './coalesce.ts'

test('a waiter learns whether the render was stored', async () => {
  const flights = createFlights(createFakeFeed())
  const flight = flights.begin('a')
  const waiting = [flights.join('a', undefined), flights.join('a', undefined)]
  expect(flights.join('b', undefined)).toBeUndefined()
  flight.settle(true)
  flight.settle(false)
  expect(await Promise.all(waiting)).toEqual([true, true])
  expect(flights.join('a', undefined)).toBeUndefined()
  expect(flights.size).toBe(0)
})

test('nobody joins a render begun before their own position', () => {
  const feed = createFakeFeed()
  const flights = createFlights(feed)
  flights.begin('a')
  feed.advance()
  const client = feed.position ?? undefined
  expect(flights.join('a', client)).toBeUndefined()
  expect(flights.join('a', { epoch: 'other', lsn: 1n })).toBeUndefined()
  expect(flights.join('a', undefined)).toBeDefined()
  flights.begin('a')
  expect(flights.join('a', client)).toBeDefined()
})

test('nobody joins while the feed is not fresh', () => {
  const feed = createFakeFeed()
  const flights = createFlights(feed)
  flights.begin('a')
  feed.setFresh(false)
  expect(flights.join('a', undefined)).toBeUndefined()
})

test('an old render that lands does not end the newer one', () => {
  const feed = createFakeFeed()
  const flights = createFlights(feed)
  const old = flights.begin('a')
  flights.begin('a')
  old.settle(true)
  expect(flights.join('a', undefined)).toBeDefined()
})
