import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { defineSettings } from './define.ts'
import { resolveSettings } from './resolve.ts'
import { topology, workerCount } from './topology.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'settings-'))
  writeFileSync(join(root, 'app.ts'), '')
})
afterEach(() => rmSync(root, { recursive: true }))

test('reads from the outside in', () => {
  const settings = resolveSettings(defineSettings({ app: { workers: 2 } }), {
    root,
    environment: 'development',
  })
  expect(topology(settings)).toEqual([
    {
      role: 'edge',
      engine: 'node',
      processes: 1,
      where: ['https://localhost:8443', 'http://localhost:8080'],
    },
    { role: 'pages', engine: 'memory', processes: 0, where: ['in the edge'] },
    {
      role: 'app',
      engine: 'node',
      processes: 2,
      where: [join(root, '.quintet/run/app-1.sock'), join(root, '.quintet/run/app-2.sock')],
    },
    { role: 'objects', engine: 'memory', processes: 0, where: ['in each worker'] },
    { role: 'data', engine: 'embedded', processes: 1, where: ['127.0.0.1:8432/app'] },
    { role: 'feed', engine: 'postgres', processes: 1, where: [join(root, '.quintet/run/feed.sock')] },
  ])
})

test("another's database is no process of ours, and its password stays out", () => {
  const url = 'postgres://me:hush@db.example/shop'
  const definition = defineSettings({ database: { engine: 'postgres', url }, edge: { host: '2001:db8::1' } })
  const rows = topology(resolveSettings(definition, { root, environment: 'development' }))
  expect(rows[4]).toEqual({ role: 'data', engine: 'postgres', processes: 0, where: ['db.example:5432/shop'] })
  expect(rows[0]?.where[0]).toBe('https://[2001:db8::1]:8443')
})

test('there are always two workers or more, unless one is asked for', () => {
  const app = { engine: 'node', entry: '', workers: 'auto' } as const
  expect(workerCount({ app })).toBeGreaterThanOrEqual(2)
  expect(workerCount({ app: { ...app, workers: 1 } })).toBe(1)
})
