import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadApp } from './loadApp.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'app-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Loads an app whose entry has this text. */
function load(name: string, text?: string) {
  if (text !== undefined) writeFileSync(join(root, name), text)
  return loadApp({ root, app: { engine: 'node', entry: `./${name}`, workers: 1 } })
}

test('returns what defineApp made', async () => {
  const door = JSON.stringify(resolve(import.meta.dirname, '../app/index.ts'))
  const app = await load(
    'good.ts',
    `import { defineApp } from ${door}\nexport default defineApp({ modules: [] })`,
  )
  expect(app).toMatchObject({ kind: 'app', modules: [] })
})

test('names a file that is missing', async () => {
  await expect(load('absent.ts')).rejects.toThrow(/SERVE_APP_MISSING: There is no app at .*absent\.ts/)
})

test('names the file that was meant', async () => {
  writeFileSync(join(root, 'pages.tsx'), '')
  await expect(load('pages.ts')).rejects.toThrow("Did you mean app: { entry: './pages.tsx' }?")
})

test('names what was thrown and keeps it as the cause', async () => {
  const failed = load('bad.ts', "\nthrow new Error('Oh')")
  await expect(failed).rejects.toThrow(/SERVE_APP_FAILED: .*bad\.ts can't be loaded: Oh/)
  await expect(failed).rejects.toMatchObject({ cause: { message: 'Oh' } })
})

test('says what is exported instead of an app', async () => {
  await expect(load('other.ts', 'export const app = 1')).rejects.toThrow(
    /SERVE_APP_NOT_DEFINED: .*other\.ts has no default export made by defineApp \(it exports app\)/,
  )
  await expect(load('plain.ts', 'export default { modules: [] }')).rejects.toThrow('SERVE_APP_NOT_DEFINED')
})
