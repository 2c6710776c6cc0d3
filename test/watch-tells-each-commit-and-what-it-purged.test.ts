import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestBand, testBand } from './band/band.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
let conduit: TestBand

beforeAll(async () => {
  conduit = await testBand('examples/conduit')
}, 120_000)
afterAll(() => conduit?.stop())

/** Runs `quintet watch` as a person would, until a line comes that is wanted; then Ctrl-C. */
async function watched(args: string[], wanted: (line: string) => boolean, act: () => Promise<unknown>) {
  const child = spawn(
    process.execPath,
    [
      join(root, 'bin/quintet.js'),
      'watch',
      ...['--root', join(root, 'examples/conduit'), '--set', `stateDir=${conduit.stateDir}`],
      ...args,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = once(child, 'exit')
  const lines: string[] = []
  // What is committed before the watcher has joined is not told: so it is done again until it is.
  let heard = false
  const acting = (async () => {
    while (!heard) {
      await act()
      await sleep(100)
    }
  })()
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line)
      if (wanted(line)) break
    }
  } finally {
    heard = true
    await acting
  }
  child.kill('SIGINT')
  const [code, signal] = await ended
  return { line: lines.at(-1) ?? '', code, signal }
}

it('a commit is told with the pages it purged, and Ctrl-C ends it well', { timeout: 60_000 }, async () => {
  const [article] = await conduit.sql<{ id: number; slug: string }>('select id, slug from articles limit 1')
  const page = `/article/${article?.slug}`
  const act = async () => {
    await conduit.warm(page)
    await conduit.sql('update articles set title = title || $2 where id = $1', [article?.id, '!'])
  }
  const plain = await watched([], line => line.includes(page), act)
  expect(plain.line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}\d+ {2}update public\.articles {2}purged \d+: /)
  expect(plain).toMatchObject({ code: 0, signal: null })

  const json = await watched(['--json'], line => line.includes(page), act)
  const event = JSON.parse(json.line)
  expect(event).toMatchObject({
    type: 'commit',
    changes: [{ kind: 'update', what: 'public.articles', rows: 1 }],
  })
  expect(event.pages.some((one: string) => one.endsWith(page))).toBe(true)
  expect(json.code).toBe(0)
})
