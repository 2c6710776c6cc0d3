import { expect, it } from 'vitest'
import { loadCatalog } from './catalog.ts'

const empty = { relations: [], functions: [], operators: [], types: [], enums: [], implicit_casts: 0 }

it('is read again until the database answers, and trusted only then', async () => {
  let isDown = false
  let asked = 0
  const catalog = await loadCatalog(async () => {
    asked += 1
    if (isDown) throw new Error('the database system is starting up')
    return { rows: [empty] }
  }, 'quintet')
  expect(catalog.state).not.toBeNull()

  isDown = true
  const loaded = catalog.invalidate()
  await expect.poll(() => asked).toBeGreaterThan(2)
  expect(catalog.state).toBeNull()
  isDown = false
  await loaded
  expect(catalog.state).not.toBeNull()
})
