import { fileURLToPath } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'
import { type Supervised, supervise } from './child.ts'

const script = fileURLToPath(new URL('./fixtures/child.js', import.meta.url))
const onCrashLoop = vi.fn()
let child: Supervised | undefined

const supervised = (how: string): Supervised => {
  child = supervise({ name: how, script, args: [how], execArgv: [], onCrashLoop })
  return child
}

afterEach(async () => {
  await child?.stop(1_000)
  onCrashLoop.mockClear()
})

it('is ready when it says so, and stops when asked to drain', async () => {
  const one = supervised('good')
  await one.start()
  expect(one.state).toBe('ready')
  const { pid } = one
  await one.stop(5_000)
  expect(one.state).toBe('stopped')
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
})

it('starts again when it dies, as another process', async () => {
  const one = supervised('good')
  await one.start()
  const { pid } = one
  process.kill(pid ?? 0, 'SIGKILL')
  await expect.poll(() => one.state === 'ready' && one.pid !== pid).toBe(true)
  expect(one.restarts).toBe(1)
})

it('rejects when it ends before it is ready, and after six such ends in a row gives up and says so', async () => {
  const one = supervised('crash')
  await expect(one.start()).rejects.toThrow('exit code 3')
  await expect.poll(() => onCrashLoop.mock.calls.length, { timeout: 15_000 }).toBe(1)
  expect(one.state).toBe('stopped')
  expect(onCrashLoop.mock.calls[0]?.[0].message).toContain('crash ended 6 times in a row')
})

it('is ended by force when it does not drain in time', async () => {
  const one = supervised('stubborn')
  await one.start()
  const { pid } = one
  await one.stop(100)
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
})

it('that ends again and again soon after it was ready is given up too', async () => {
  const one = supervised('brief')
  await one.start()
  await expect.poll(() => onCrashLoop.mock.calls.length, { timeout: 15_000 }).toBe(1)
  expect(one.restarts).toBe(5)
})

it('that does not become ready in time is ended, and says so', async () => {
  child = supervise({ name: 'slow', script, args: ['silent'], execArgv: [], onCrashLoop, startTimeoutMs: 50 })
  await expect(child.start()).rejects.toThrow('not ready within 50 ms')
})

it('that can not be made at all is a crash like any other', async () => {
  child = supervise({
    name: 'missing',
    script,
    args: ['good'],
    execArgv: [],
    execPath: '/nowhere/node',
    onCrashLoop,
  })
  await expect(child.start()).rejects.toThrow('ENOENT')
  await expect.poll(() => onCrashLoop.mock.calls.length, { timeout: 15_000 }).toBe(1)
})

it('stopped before it is ready, its start is rejected', async () => {
  const one = supervised('silent')
  const started = one.start()
  await one.stop(100)
  await expect(started).rejects.toThrow('SERVE_STOPPED')
})
