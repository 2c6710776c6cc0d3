import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const script = fileURLToPath(new URL('./fixtures/role.ts', import.meta.url))

async function started() {
  const child = fork(script, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const [message] = await once(child, 'message')
  expect(message).toEqual({ type: 'ready' })
  let output = ''
  child.stdout?.on('data', chunk => {
    output += chunk
  })
  return { child, ended: once(child, 'exit').then(([code]) => ({ code, output })) }
}

it('ends by itself once it has drained, with nothing else to do', async () => {
  const { child, ended } = await started()
  child.send({ type: 'drain' })
  expect(await ended).toEqual({ code: 0, output: 'drained' })
})

it('drains when its supervisor is gone, and on SIGTERM', async () => {
  const orphan = await started()
  orphan.child.disconnect()
  expect(await orphan.ended).toEqual({ code: 0, output: 'drained' })
  const told = await started()
  told.child.kill('SIGTERM')
  expect(await told.ended).toEqual({ code: 0, output: 'drained' })
})

it('leaves Ctrl-C to its supervisor', async () => {
  const { child, ended } = await started()
  child.kill('SIGINT')
  child.send({ type: 'drain' })
  expect(await ended).toEqual({ code: 0, output: 'drained' })
})
