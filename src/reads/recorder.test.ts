import { describe, expect, it } from 'vitest'
import { currentRecorder, runRecorded, untracked } from './context.ts'
import type { Dependency } from './dependency.ts'
import { Recorder, vetoOpenRecorders } from './recorder.ts'

const row = (id: string, columns: string[] | null = ['id']): Dependency => ({
  table: 'public.t',
  equals: { id: [id] },
  columns,
})
const whole = (table: string, columns: string[] | null): Dependency => ({ table, equals: {}, columns })

describe('Recorder', () => {
  it('unites the columns of equal dependencies and lists values that differ in one column together', () => {
    const recorder = new Recorder()
    recorder.depend(row('1', ['id', 'a']), row('1', ['id', 'b']), row('2', ['a', 'b', 'id']))
    expect(recorder.close().dependencies).toEqual([
      { table: 'public.t', equals: { id: ['1', '2'] }, columns: ['a', 'b', 'id'] },
    ])
  })

  it('keeps a narrow dependency whose columns the whole-table one does not cover', () => {
    const recorder = new Recorder()
    recorder.depend(whole('public.t', ['a']), row('1', ['b']), row('2', ['a']))
    expect(recorder.close().dependencies).toEqual([
      whole('public.t', ['a']),
      { table: 'public.t', equals: { id: ['1'] }, columns: ['b'] },
    ])
  })

  it('collapses the table with most dependencies past the bound, keeping all of their columns', () => {
    const recorder = new Recorder({ maxDependencies: 4 })
    recorder.depend(whole('public.other', ['x']))
    for (let id = 0; id < 10; id++) recorder.depend(row(String(id), ['id', `c${id}`]))
    const { dependencies, collapsed } = recorder.close()
    expect(collapsed).toBeGreaterThan(0)
    expect(dependencies.length).toBeLessThanOrEqual(4)
    const collapsedTable = dependencies.find(d => d.table === 'public.t' && !('id' in d.equals))
    expect(collapsedTable?.columns).toContain('c0')
    for (let id = 0; id < 10; id++) {
      const covering = dependencies.filter(
        d => d.table === 'public.t' && (!d.equals.id || d.equals.id.includes(String(id))),
      )
      expect(covering.some(d => d.columns === null || d.columns.includes(`c${id}`))).toBe(true)
    }
  })

  it('vetoes for a read that failed and for one still pending at the end', () => {
    const failed = new Recorder()
    failed.begin()('column "x" does not exist')
    expect(failed.close().vetoes).toEqual(['a read failed: column "x" does not exist'])

    const pending = new Recorder()
    const settle = pending.begin()
    expect(pending.close().vetoes).toHaveLength(1)
    settle()
    expect(pending.close().vetoes).toHaveLength(1)

    const done = new Recorder()
    done.begin()()
    expect(done.close().vetoes).toEqual([])
  })

  it('ignores what comes after the close', () => {
    const recorder = new Recorder()
    recorder.close()
    recorder.depend(row('1'))
    recorder.part('cookie:a')
    recorder.veto('late')
    recorder.wrote()
    expect(recorder.close()).toMatchObject({ dependencies: [], parts: [], vetoes: [], wrote: false })
  })

  it('keeps the earliest end, the parts once each, and bounds the reasons', () => {
    const recorder = new Recorder()
    recorder.endsAt(20)
    recorder.endsAt(10)
    recorder.endsAt(30)
    recorder.part('query:b')
    recorder.part('cookie:a')
    recorder.part('query:b')
    for (let i = 0; i < 40; i++) recorder.veto(`reason ${i}`)
    const record = recorder.close()
    expect(record.endsAt).toBe(10)
    expect(record.parts).toEqual(['cookie:a', 'query:b'])
    expect(record.vetoes).toHaveLength(17)
    expect(record.vetoes.at(-1)).toBe('and 24 more')
  })

  it('follows the async context, and steps aside in untracked code', async () => {
    const recorder = new Recorder()
    await runRecorded(recorder, async () => {
      await Promise.resolve()
      expect(currentRecorder()).toBe(recorder)
      untracked(() => expect(currentRecorder()).toBeUndefined())
    })
    expect(currentRecorder()).toBeUndefined()
    recorder.close()
  })

  it('lets a read without an owner veto every open recorder and no closed one', () => {
    const open = new Recorder()
    const closed = new Recorder()
    closed.close()
    vetoOpenRecorders('a query outside any request')
    expect(open.close().vetoes).toEqual(['a query outside any request'])
    expect(closed.close().vetoes).toEqual([])
  })
})
