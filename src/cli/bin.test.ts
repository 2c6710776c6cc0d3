import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const home = resolve(import.meta.dirname, '../..')
const bin = join(home, 'bin/quintet.js')
const execute = promisify(execFile)

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bin-'))
  mkdirSync(join(root, 'settings'))
  symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Runs a program to its end. */
async function run(program: string, args: string[], env: Record<string, string> = {}) {
  const options = { cwd: root, env: { PATH: process.env.PATH ?? '', ...env } }
  const ended = execute(program, args, options).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
  )
  return (await ended) as { code: number; stdout: string; stderr: string }
}

test("settings modules import 'quintet/settings' from a checkout, and their errors carry the right lines", async () => {
  writeFileSync(join(root, 'app.ts'), '')
  writeFileSync(
    join(root, 'settings/development.ts'),
    "import { defineSettings } from 'quintet/settings'\nexport default defineSettings({ edge: { host: 'here' } })",
  )
  const { code, stdout, stderr } = await run(process.execPath, [bin, 'settings'])
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^edge\.host +'here' +settings\/development\.ts$/m)
  expect(stdout).not.toContain('\u001b') // no colours into a pipe
  expect(code).toBe(0)
})

test('a settings module that imports a misspelled one names the one that was meant', async () => {
  writeFileSync(join(root, 'settings/base.ts'), '')
  writeFileSync(join(root, 'settings/staging.ts'), "import base from './bsae.ts'\nexport default base")
  const { code, stderr } = await run(process.execPath, [bin, 'settings', '--settings', 'staging'])
  expect(stderr).toContain("Did you mean './base.ts'?")
  expect(code).toBe(1)
})

test('wrong usage is exit code 2', async () => {
  const { code, stderr } = await run(process.execPath, [bin, 'setings'])
  expect(stderr).toContain("Did you mean 'quintet settings'?")
  expect(code).toBe(2)
})

test('TSX and TypeScript that Node can not erase are loaded, with source maps', async () => {
  writeFileSync(join(root, 'colour.ts'), 'export enum Colour { red = 5 }\n')
  writeFileSync(
    join(root, 'page.tsx'),
    "import { Colour } from './colour.ts'\ninterface A { a: number }\nexport const view = <b title='x'>{Colour.red}</b>\nexport const fail = (): A => {\n  throw new Error('here')\n}\n",
  )
  const script = `
    const { registerLoader } = await import(${JSON.stringify(join(home, 'src/cli/loader.ts'))})
    registerLoader()
    const { view, fail } = await import(${JSON.stringify(join(root, 'page.tsx'))})
    console.log(view.type, view.props.title, view.props.children)
    try { fail() } catch (error) { console.log(error.stack) }`
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script])
  expect(stderr).toBe('')
  expect(stdout).toContain('b x 5')
  expect(stdout).toMatch(/page\.tsx:5:\d+/)
})

test('on an older Node it runs under the pinned one, or says what is needed', async () => {
  // an "older Node" is this one that reports another version
  const old = [
    '--import',
    `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})`,
  ]
  const ran = await run(process.execPath, [...old, bin, 'setings'])
  expect(ran.stderr).toContain("There is no verb 'setings'")
  expect(ran.code).toBe(2)

  const alone = join(root, 'alone')
  mkdirSync(join(alone, 'bin'), { recursive: true })
  cpSync(bin, join(alone, 'bin/quintet.js'))
  writeFileSync(join(alone, 'package.json'), '{"type":"module"}')
  rmSync(join(root, 'node_modules'))
  const refused = await run(process.execPath, [...old, join(alone, 'bin/quintet.js'), 'settings'])
  expect(refused.stderr).toContain('Quintet needs Node 24 or newer')
  expect(refused.code).toBe(1)
})
