import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { currentRecorder, type Recorder } from '../reads/index.ts'
import { blog } from './fixtures/blog.tsx'
import { form, recordOf, type Served, serveApp } from './fixtures/serve.ts'
import { defineApp, defineModule, route } from './index.ts'

let served: Served
let folder: string
let client: Client
beforeAll(async () => {
  served = await serveApp(blog)
  folder = await mkdtemp(join(tmpdir(), 'quintet-app-'))
  await served.server.listen({ path: join(folder, 'app.sock') })
  client = new Client('http://blog.example', { socketPath: join(folder, 'app.sock') })
})
afterAll(async () => {
  await client.destroy()
  await served.close()
  await rm(folder, { recursive: true })
})

test('over a real socket a form’s writes are recorded after its body was read', async () => {
  const { method, url, payload, headers } = form('/posts/one?action=rename', { title: 'Sent' })
  const response = await client.request({ method, path: url, body: payload, headers })
  await response.body.dump()
  expect(response.statusCode).toBe(303)
  expect(recordOf(response).wrote).toMatch(/^[0-9A-F]+\/[0-9A-F]+$/)
})

test('two requests at the same time have a record each', async () => {
  const [one, two] = await Promise.all(
    ['/posts/one', '/posts/two'].map(path => client.request({ method: 'GET', path })),
  )
  const slugs = [one, two].map(
    response => response && recordOf(response).dependencies.map(each => each.equals.slug),
  )
  expect(slugs).toEqual([[['one']], [['two']]])
  await Promise.all([one?.body.dump(), two?.body.dump()])
})

test('HEAD answers as GET does, without the body', async () => {
  const response = await client.request({ method: 'HEAD', path: '/posts/two' })
  expect(await response.body.text()).toBe('')
  expect(response.statusCode).toBe(200)
  expect(recordOf(response).dependencies).toHaveLength(1)
})

test('a client that goes away leaves no record open', async () => {
  const arrived = Promise.withResolvers<Recorder | undefined>()
  const never = Promise.withResolvers<void>()
  const slow = route('GET /slow', {
    handler: async () => {
      arrived.resolve(currentRecorder())
      await never.promise
    },
  })
  const own = await serveApp(defineApp({ modules: [defineModule({ name: 'slow', routes: [slow] })] }))
  const path = join(folder, 'slow.sock')
  await own.server.listen({ path })
  try {
    const socket = createConnection(path)
    socket.write('GET /slow HTTP/1.1\r\nHost: blog.example\r\n\r\n')
    const recorder = await arrived.promise
    expect(recorder?.open).toBe(true)
    socket.destroy()
    await expect.poll(() => recorder?.open).toBe(false)
  } finally {
    never.resolve()
    await own.close()
  }
})

test('what is not HTTP gets a 400 and no more', async () => {
  const socket = createConnection(join(folder, 'app.sock'))
  socket.end('GET / HTTP/1.1\r\nbad header\r\n\r\n')
  let answer = ''
  for await (const chunk of socket) answer += chunk
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer).not.toContain('at ')
})
