import { expect, it } from 'vitest'
import { bulk } from '../../bench/coherence/bulk.ts'

/** How long it took is the bench's question; here it is what was purged, and in how much memory. */
it('a million rows updated at once purge their own pages only, in a feed below 256 MB', {
  timeout: 600_000,
}, async () => {
  const [purged, others, memory] = await bulk()
  expect(purged?.seen).toMatch(/ s$/)
  expect(others).toMatchObject({ seen: '0', kept: true })
  expect(memory).toMatchObject({ kept: true })
})
