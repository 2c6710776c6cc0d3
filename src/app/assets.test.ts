import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asset, readAssets, useAssets } from './assets.ts'
import { blog } from './fixtures/blog.tsx'
import { recordOf, type Served, serveApp } from './fixtures/serve.ts'

let served: Served
beforeAll(async () => {
  served = await serveApp(blog)
})
afterAll(() => served.close())

test('an asset under its hashed name is kept for ever', async () => {
  const url = asset('style.css')
  expect(url).toMatch(/^\/assets\/style\.[0-9a-f]{10}\.css$/)
  const response = await served.server.inject(url)
  expect(response.body).toBe('body { color: teal }\n')
  expect(response.headers).toMatchObject({
    'content-type': 'text/css; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  expect(recordOf(response)).toMatchObject({ vetoes: [], dependencies: [] })
})

test('under its plain name it is asked for each time', async () => {
  const response = await served.server.inject('/assets/img/logo.svg')
  expect(response.headers).toMatchObject({ 'content-type': 'image/svg+xml', 'cache-control': 'no-cache' })
})

test.each([
  '/assets/../blog.tsx',
  '/assets/..%2fblog.tsx',
  '/assets/%2e%2e/blog.tsx',
  '/assets/img/..%5c..%5cblog.tsx',
  '/assets/.secret',
  '/assets/style.0000000000.css',
  '/assets/',
  '/assets/style.css%00',
  '/assets/%E0%A4%A',
])('%s leads nowhere', async url => {
  const response = await served.server.inject(url)
  expect(response.statusCode).toBeGreaterThanOrEqual(400)
  expect(response.statusCode).toBeLessThan(500)
})

test('the hash follows the content, and odd names make valid URLs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'quintet-assets-'))
  try {
    await writeFile(join(folder, 'a b.min.js'), '1')
    await symlink('/etc/hostname', join(folder, 'link.txt'))
    const first = readAssets(folder)
    const url = first.url('a b.min.js')
    expect(url).toMatch(/^\/assets\/a%20b\.min\.[0-9a-f]{10}\.js$/)
    expect(first.find(decodeURI(url))?.asset.contentType).toBe('text/javascript; charset=utf-8')
    expect(first.find('/assets/link.txt')).toBeUndefined()
    await writeFile(join(folder, 'a b.min.js'), '2')
    expect(readAssets(folder).url('a b.min.js')).not.toBe(url)
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('an unknown name says which one may be meant', () => {
  expect(() => asset('styles.css')).toThrow(
    /APP_ASSET_UNKNOWN: There is no "styles\.css".*Did you mean "style\.css"/,
  )
  useAssets(readAssets('/nowhere/at/all'))
  expect(() => asset('style.css')).toThrow('APP_ASSET_UNKNOWN')
})
