import { describe, expect, it } from 'vitest'
import {
  defineErrors,
  nearest,
  parseDuration,
  parseSize,
  QuintetError,
  type Service,
  signal,
  startAll,
  together,
} from './index.ts'

describe('parseDuration', () => {
  it.each([
    ['300ms', 300],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    [250, 250],
  ])('%s is %d ms', (written, ms) => expect(parseDuration(written)).toBe(ms))

  it.each(['', '5', '5 minutes', '-1s', 'ms', Number.NaN, -1])('refuses %s, naming it', written => {
    expect(() => parseDuration(written)).toThrow(`"${written}"`)
  })
})

describe('parseSize', () => {
  it.each([
    ['512B', 512],
    ['64kB', 65_536],
    ['1.5MB', 1_572_864],
    ['2GB', 2_147_483_648],
    [10, 10],
  ])('%s is %d bytes', (written, bytes) => expect(parseSize(written)).toBe(bytes))

  it.each(['10', '10kb', '10MiB', '-1B', 1.5])('refuses %s, naming it', written => {
    expect(() => parseSize(written)).toThrow(`"${written}"`)
  })
})

describe('nearest', () => {
  it.each([
    ['statsu', 'status'],
    ['Explane', 'explain'],
    ['freshnes', 'freshness'],
  ])('%s → %s', (word, meant) => expect(nearest(word, ['status', 'explain', 'freshness', 'up'])).toBe(meant))

  it('stays silent when nothing is close', () =>
    expect(nearest('kubernetes', ['status', 'up'])).toBeUndefined())
})

describe('defineErrors', () => {
  const errors = defineErrors({
    CORE_TEST: {
      message: (f: { port: number }) => `Port ${f.port} is in use.`,
      remedy: f => `Try ${f.port + 1}.`,
    },
  })

  it('puts the code, the actual value and the remedy in the message, and keeps the cause', () => {
    const cause = new Error('EADDRINUSE')
    const error = errors.CORE_TEST({ port: 80 }, { cause })
    expect(error).toBeInstanceOf(QuintetError)
    expect(error.message).toBe('CORE_TEST: Port 80 is in use. Try 81.')
    expect(error).toMatchObject({ code: 'CORE_TEST', remedy: 'Try 81.', cause })
  })
})

describe('startAll', () => {
  const journal: string[] = []
  const service = (name: string, failing = false): Service => ({
    name,
    async start() {
      journal.push(`start ${name}`)
      if (failing) throw new Error(`${name} failed`)
    },
    async stop() {
      journal.push(`stop ${name}`)
    },
  })

  it('starts in order and stops in reverse', async () => {
    journal.length = 0
    const stop = await startAll([service('a'), service('b')])
    await stop()
    expect(journal).toEqual(['start a', 'start b', 'stop b', 'stop a'])
  })

  it('leaves nothing half-started', async () => {
    journal.length = 0
    await expect(startAll([service('a'), service('b', true), service('c')])).rejects.toThrow('b failed')
    expect(journal).toEqual(['start a', 'start b', 'stop b', 'stop a'])
  })
})

describe('signal', () => {
  it('makes its payload only when somebody listens', () => {
    const touched = signal<{ id: number }>('core.touched')
    let made = 0
    const emit = (): void => touched.emit(() => ({ id: ++made }))
    emit()
    expect(made).toBe(0)
    const heard: number[] = []
    const stop = touched.subscribe(({ id }) => heard.push(id))
    emit()
    stop()
    emit()
    expect(heard).toEqual([1])
    expect(made).toBe(1)
  })
})

describe('together', () => {
  const journal: string[] = []
  const service = (name: string, failing = false): Service => ({
    name,
    async start() {
      if (failing) throw new Error(`${name} failed`)
      journal.push(`start ${name}`)
    },
    async stop() {
      journal.push(`stop ${name}`)
    },
  })

  it('is one service of several, and stops all of them when one fails', async () => {
    const good = together('pair', [service('a'), service('b')])
    await good.start()
    await good.stop()
    expect(journal).toEqual(['start a', 'start b', 'stop a', 'stop b'])
    journal.length = 0
    await expect(together('pair', [service('a'), service('b', true)]).start()).rejects.toThrow('b failed')
    expect(journal).toEqual(['start a', 'stop a', 'stop b'])
  })
})
