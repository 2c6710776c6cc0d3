import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { meantFile, meantModule } from './missingModule.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'modules-'))
  for (const name of ['pages.tsx', 'models.ts', 'pages.css']) writeFileSync(join(folder, name), '')
})
afterAll(() => rmSync(folder, { recursive: true }))

test('the nearest module beside a missing one is meant', () => {
  expect(meantFile(join(folder, 'pagse.tsx'))).toBe('./pages.tsx')
  expect(meantFile(join(folder, 'models.js'))).toBe('./models.ts')
  expect(meantFile(join(folder, 'elephant.ts'))).toBeUndefined()
  expect(meantFile(join(folder, 'absent/pages.tsx'))).toBeUndefined()
})

test("Node's own error leads to it; others lead nowhere", () => {
  const url = pathToFileURL(join(folder, 'pagse.tsx')).href
  expect(meantModule(Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND', url }))).toBe(
    './pages.tsx',
  )
  expect(meantModule(Object.assign(new Error('x'), { code: 'ERR_MODULE_NOT_FOUND' }))).toBeUndefined()
  expect(meantModule(new Error('x'))).toBeUndefined()
})
