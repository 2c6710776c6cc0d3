import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { buildId, codeDigest } from './build.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quintet-build-'))
  mkdirSync(join(root, 'assets'))
  writeFileSync(join(root, 'app.ts'), 'export default 1')
  writeFileSync(join(root, 'assets/style.css'), 'a {}')
})
afterEach(() => rmSync(root, { recursive: true }))

const build = (): string => buildId(codeDigest(root), join(root, 'assets'))

it('changes with the code and with the assets', () => {
  const first = build()
  expect(build()).toBe(first)
  writeFileSync(join(root, 'app.ts'), 'export default 22')
  const second = build()
  expect(second).not.toBe(first)
  writeFileSync(join(root, 'assets/style.css'), 'b { }')
  expect(build()).not.toBe(second)
})

it('does not change with what the app writes beside its code, nor with the state folder', () => {
  const first = build()
  mkdirSync(join(root, '.quintet'))
  writeFileSync(join(root, '.quintet/cache.ts'), 'x')
  writeFileSync(join(root, 'upload.png'), 'x')
  writeFileSync(join(root, 'app.log'), 'x')
  expect(build()).toBe(first)
})

it('needs no assets folder', () => {
  expect(buildId(codeDigest(root), join(root, 'nowhere'))).toMatch(/^[0-9a-f]{12}$/)
})
