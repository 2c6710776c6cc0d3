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
  expect(onCrashLoop.mock.calls[0]?.[0].message).toContain('crash stopped 6 times in a row')
})

it('is ended by force when it does not drain in time', async () => {
  const one = supervised('stubborn')
  await one.start()
  const { pid } = one
  await one.stop(100)
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
})
