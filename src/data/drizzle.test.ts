import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as imported from 'drizzle-orm/node-postgres'
import { expect, test } from 'vitest'
import { drizzlePg } from './drizzle.ts'

/** How many files of Drizzle a process loads that imports this module of `src`. */
async function filesOfDrizzle(module: string): Promise<number> {
  const program = `
    import { registerHooks } from 'node:module'
    const files = new Set()
    registerHooks({
      load(url, context, next) {
        if (url.includes('/drizzle-orm/')) files.add(url)
        return next(url, context)
      },
    })
    await import(${JSON.stringify(new URL(`../${module}`, import.meta.url).href)})
    console.log(files.size)`
  const args = ['--conditions=source', '--input-type=module', '--eval', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  })
  return Number(stdout)
}

test('feed, edge and supervisor never load Drizzle; a worker does', async () => {
  expect(await filesOfDrizzle('serve/roles/feed.ts')).toBe(0)
  expect(await filesOfDrizzle('serve/roles/edge.ts')).toBe(0)
  expect(await filesOfDrizzle('serve/index.ts')).toBe(0)
  expect(await filesOfDrizzle('serve/roles/app.ts')).toBeGreaterThan(10)
})

test('what is loaded late is the copy that models import', () => {
  expect(drizzlePg().drizzle).toBe(imported.drizzle)
})
