import { createPageStore, type PageRequest, type PageStore } from '../../src/cache/index.ts'
import { formatPosition } from '../../src/data/index.ts'
import type { FeedView } from '../../src/feed/index.ts'
import type { Dependency, ReadRecord } from '../../src/reads/index.ts'
import { createFakeFeed } from '../../src/testing/fakeFeed.ts'
import type { Page } from './conduit.ts'

/** A store without limits on a feed that stands still. */
export function openStore(): { store: PageStore; feed: ReturnType<typeof createFakeFeed> } {
  const feed = createFakeFeed()
  const store = createPageStore({ maxBytes: 64 * 1024 ** 3, maxEntryBytes: 64 * 1024 ** 2, feed })
  return { store, feed }
}

/**
 * Stores copies of a page as an edge gets them, each under a path of its own: record and headers parsed anew, and
 * every value that the page's dependencies compare with another one, so that copies share no key. The body's memory
 * is one for all. Returns how many were stored.
 */
export function storeCopies(
  store: PageStore,
  feed: FeedView,
  page: Page,
  count: number,
  numbered: (copy: number) => number = copy => copy,
): number {
  const record = JSON.stringify({ ...page.record, position: positionOf(feed) })
  const headers = JSON.stringify(page.response.headers)
  let stored = 0
  for (let copy = 0; copy < count; copy++) {
    const number = numbered(copy)
    const asked = JSON.parse(record) as ReadRecord
    // Written and parsed again: what an edge holds are the parser's objects and strings, not ours.
    const parsed = JSON.parse(
      JSON.stringify({ ...asked, dependencies: asked.dependencies.map(one => renumbered(one, number)) }),
    ) as ReadRecord
    const request: PageRequest = { ...page.request, path: `${page.request.path}/copy-${number}` }
    const { status, body } = page.response
    const response = {
      status,
      headers: JSON.parse(headers) as string[],
      body: Buffer.from(body.buffer, body.byteOffset, body.length),
    }
    if (store.fill(request, response, parsed).stored) stored++
  }
  return stored
}

function renumbered(dependency: Dependency, number: number): Dependency {
  const equals = Object.entries(dependency.equals).map(([column, values]) => [
    column,
    values.map(value => `${value}/${number}`),
  ])
  return { ...dependency, equals: Object.fromEntries(equals) }
}

function positionOf({ position }: FeedView): string {
  if (!position) throw new Error('The feed has no position.')
  return formatPosition(position)
}
