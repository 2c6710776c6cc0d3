import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { describeSettings } from './describe.ts'
import { loadSettings } from './load.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'settings-'))
  writeFileSync(join(root, 'app.ts'), '')
})
afterEach(() => rmSync(root, { recursive: true }))

const door = JSON.stringify(join(import.meta.dirname, 'index.ts'))

function write(name: string, text: string): void {
  mkdirSync(join(root, 'settings'), { recursive: true })
  writeFileSync(join(root, 'settings', name), `import { defineSettings, env } from ${door}\n${text}`)
}

function writeAll(): void {
  write('base.ts', 'export default defineSettings({ edge: { http: { port: 9000 } } })')
  write('development.ts', "import base from './base.ts'\nexport default defineSettings(base, {})")
  write(
    'production.ts',
    "import base from './base.ts'\nexport default defineSettings(base, { debug: false, secret: env.secret('SECRET') })",
  )
}

test('QUINTET_SETTINGS chooses the module; each value keeps the file it was written in', async () => {
  writeAll()
  const SECRET = 'a secret of more than thirty-two characters'
  const settings = await loadSettings({ root, env: { QUINTET_SETTINGS: 'production', SECRET } })
  expect(settings).toMatchObject({ environment: 'production', debug: false, secret: SECRET })
  const origins = Object.fromEntries(describeSettings(settings).map(row => [row.name, row.origin]))
  expect(origins).toMatchObject({
    debug: 'settings/production.ts',
    'edge.http.port': 'settings/base.ts',
    'edge.https.port': 'default',
    secret: 'environment variable SECRET',
  })
})

test('development is the default', async () => {
  writeAll()
  expect(await loadSettings({ root, env: {} })).toMatchObject({ environment: 'development', debug: true })
})

test('an unknown environment is named with those that exist and the nearest', async () => {
  writeAll()
  await expect(loadSettings({ root, env: { QUINTET_SETTINGS: 'prodcution' } })).rejects.toThrow(
    /SETTINGS_UNKNOWN_ENVIRONMENT.*'prodcution' \(QUINTET_SETTINGS\).*base, development, production.*Did you mean 'production'/,
  )
  await expect(loadSettings({ root, environment: '../base', env: {} })).rejects.toThrow(
    'SETTINGS_UNKNOWN_ENVIRONMENT',
  )
})

test('an app without settings has the defaults, in development only', async () => {
  expect(await loadSettings({ root, env: {} })).toMatchObject({ environment: 'development' })
  await expect(loadSettings({ root, environment: 'production', env: {} })).rejects.toThrow(
    'SETTINGS_NO_FOLDER',
  )
})

test('a module that throws, or exports something else, is named', async () => {
  write('development.ts', "throw new Error('Oh.')")
  write('production.ts', 'export default { debug: false }')
  await expect(loadSettings({ root, env: {} })).rejects.toThrow(
    /SETTINGS_MODULE_FAILED.*development\.ts.*: Oh\. /,
  )
  await expect(loadSettings({ root, environment: 'production', env: {} })).rejects.toThrow(
    /SETTINGS_NOT_DEFINED.*production\.ts/,
  )
})
