import { expect, test } from 'vitest'
import type { ReadRecord } from '../reads/index.ts'
import { recordHeader } from './recordHeader.ts'

const record: ReadRecord = {
  build: 'b1',
  position: 'e1:0/100',
  parts: ['query:page'],
  dependencies: [{ table: 'public.posts', equals: { slug: ['é\u2028'] }, columns: ['title'] }],
  vetoes: [],
  wrote: null,
  endsAt: null,
}
const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    table: `public.t${n % 3}`,
    equals: { id: [`${n}-${'x'.repeat(30)}`] },
    columns: null,
  }))

test('it is ASCII, and reads back as it was', () => {
  const header = recordHeader(record)
  expect(header).toMatch(/^[\x20-\x7e]+$/)
  expect(JSON.parse(header)).toEqual(record)
})

test('past the budget, dependencies become whole tables: less exact, still right', () => {
  const header = recordHeader({ ...record, dependencies: many(1500) })
  expect(header.length).toBeLessThanOrEqual(64 * 1024)
  expect(JSON.parse(header).dependencies).toEqual(
    ['public.t0', 'public.t1', 'public.t2'].map(table => ({ table, equals: {}, columns: null })),
  )
})

test('notes for explain give way before precision does', () => {
  const queries = Array.from({ length: 100 }, (_, n) => ({
    text: `select ${n} ${'y'.repeat(6000)}`,
    dependencies: [],
    notes: [],
  }))
  const read = JSON.parse(recordHeader({ ...record, queries })) as ReadRecord
  expect(read.dependencies).toEqual(record.dependencies)
  expect(read.queries).toHaveLength(20)
  expect(read.queries?.[0]?.notes[0]).toContain('shortened')
})

test('what is too long even so is not stored', () => {
  const parts = Array.from({ length: 6000 }, (_, n) => `query:name${n}` as const)
  expect(JSON.parse(recordHeader({ ...record, parts })).vetoes).toEqual([
    'the record is too long for a header',
  ])
})

test('a response that wrote says so however long its record is', () => {
  const parts = Array.from({ length: 6000 }, (_, n) => `query:name${n}` as const)
  expect(JSON.parse(recordHeader({ ...record, parts, wrote: '0/200' })).wrote).toBe('0/200')
})
