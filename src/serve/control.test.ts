import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { askControl, hearControl, openControl } from './control.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quintet-control-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

it('answers its owner only, passes the query on, and tells failures apart', async () => {
  const path = join(folder, 'a.sock')
  const control = await openControl(path, {
    '/echo': query => ({ said: query.get('say') }),
    '/broken': () => {
      throw new Error('the string is broken')
    },
  })
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await askControl(path, '/echo?say=hello')).toEqual({ said: 'hello' })
  await expect(askControl(path, '/broken')).rejects.toThrow('the string is broken')
  await expect(askControl(path, '/nowhere')).rejects.toThrow('404')
  await control.close()
  await expect(askControl(path, '/echo')).rejects.toThrow('SERVE_NOT_RUNNING')
})

it('replaces the socket file a killed process left behind', async () => {
  const path = join(folder, 'b.sock')
  const first = await openControl(path, { '/who': () => 'first' })
  const second = await openControl(path, { '/who': () => 'second' })
  expect(await askControl(path, '/who')).toBe('second')
  await second.close()
  await first.close()
})

it('refuses a path the operating system would cut off, naming it', async () => {
  const path = join(folder, 'x'.repeat(120))
  await expect(openControl(path, {})).rejects.toThrow(path)
})

it('tells what happens line by line until either side ends', async () => {
  const path = join(folder, 'stream.sock')
  let tell: (value: unknown) => void = () => {}
  const stopped = Promise.withResolvers<void>()
  const streams = {
    '/news': (teller: (value: unknown) => void) => {
      tell = teller
      teller({ n: 0 })
      return () => stopped.resolve()
    },
  }
  const control = await openControl(path, {}, streams)
  const heard: unknown[] = []
  const enough = new AbortController()
  const hear = (value: unknown): void => {
    heard.push(value)
    if (heard.length === 1) tell({ n: 1 })
    else enough.abort()
  }
  await hearControl(path, '/news', hear, enough.signal)
  expect(heard).toEqual([{ n: 0 }, { n: 1 }])
  await stopped.promise
  const cut = hearControl(path, '/news', () => void control.close(), new AbortController().signal)
  await expect(cut).rejects.toThrow('SERVE_STREAM_ENDED')
  const nobody = hearControl(path, '/news', () => {}, new AbortController().signal)
  await expect(nobody).rejects.toThrow('SERVE_NOT_RUNNING')
})
