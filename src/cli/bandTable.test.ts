import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { defineSettings, resolveSettings } from '../settings/index.ts'
import { bandTable } from './bandTable.ts'

test('names the addresses first, with the ports that were found, then what runs where', () => {
  const root = mkdtempSync(join(tmpdir(), 'band-'))
  writeFileSync(join(root, 'app.ts'), '')
  const definition = defineSettings({ app: { workers: 3 }, edge: { http: { port: 0 }, https: { port: 0 } } })
  const settings = resolveSettings(definition, { root, environment: 'development' })
  expect(bandTable(settings, { http: 81, https: 444 }, 2345, (_, text) => text)).toEqual([
    '',
    '  https://localhost:444',
    '  http://localhost:81',
    '',
    '  edge     node      1 process    https://localhost:444 http://localhost:81',
    '  pages    memory                 in the edge',
    '  app      node      3 processes  .quintet/run/app-1.sock … app-3.sock',
    '  objects  memory                 in each worker',
    '  data     embedded  1 process    127.0.0.1:8432/app',
    '  feed     postgres  1 process    .quintet/run/feed.sock',
    '',
    '  development, up in 2.3 s. Ctrl-C stops everything.',
    '',
  ])
  rmSync(root, { recursive: true })
})
