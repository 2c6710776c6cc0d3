import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAppServer } from '../../src/app/index.ts'
import { createDatabase, migrate } from '../../src/data/index.ts'
import { resolveSettings } from '../../src/settings/index.ts'
import { testDatabase } from '../../src/testing/index.ts'
import app from './app.tsx'
import development from './settings/development.ts'

const root = import.meta.dirname
let server: ReturnType<typeof createAppServer>
let close: () => Promise<void>

beforeAll(async () => {
  const { url, close: dropDatabase } = await testDatabase()
  await migrate({ url, migrations: resolve(root, 'migrations'), publication: 'quintet' })
  const database = createDatabase({ url })
  const settings = resolveSettings(development, {
    root,
    environment: 'development',
    set: ['secret=a-secret-for-the-guestbook-only-in-tests', 'log.level=error'],
  })
  server = createAppServer({ app, settings, database, build: 'test' })
  close = async () => {
    await server.close()
    await database.close()
    await dropDatabase()
  }
})
afterAll(() => close?.())

const sign = (fields: Record<string, string>) =>
  server.inject({
    method: 'POST',
    url: '/',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams(fields).toString(),
  })

it('shows what was signed, newest first, in a whole document', async () => {
  expect((await sign({ name: 'Ada', words: 'Hello' })).statusCode).toBe(303)
  expect((await sign({ name: 'Bob', words: 'And goodbye' })).statusCode).toBe(303)
  const { body } = await server.inject('/')
  expect(body).toMatch(/^<!doctype html><html lang="en">.*Bob.*And goodbye.*Ada.*Hello.*<\/html>$/s)
  const [, stylesheet = ''] = /<link rel="stylesheet" href="([^"]+)"/.exec(body) ?? []
  expect((await server.inject(stylesheet)).headers['content-type']).toContain('text/css')
})

it('refuses an empty name, says so, and keeps the words', async () => {
  const { statusCode, body } = await sign({ name: '', words: 'Hello' })
  expect(statusCode).toBe(422)
  expect(body).toMatch(/Your name can(&#39;|')t be blank\./)
  expect(body).toContain('value="Hello"')
})
