import { expect, test } from 'vitest'
import { watchLine } from './watchLine.ts'

const plain = (_: string, text: string) => text
const commit = {
  type: 'commit',
  at: Date.parse('2026-01-02T03:04:05.678Z'),
  committedAt: 0,
  xid: 812,
  position: 'e:0/1',
  changes: [
    { kind: 'update', what: 'public.a', rows: 1 },
    { kind: 'insert', what: 'public.b', rows: 3 },
  ],
  purged: 5,
  pages: ['h/1', 'h/2', 'h/3', 'h/4'],
} as const

test('a commit is a line: when, which, what changed, what it purged', () => {
  expect(watchLine(commit, plain)).toBe(
    '03:04:05.678  812  update public.a, insert public.b × 3  purged 5: h/1 h/2 h/3 and 2 more',
  )
  expect(watchLine({ ...commit, purged: 1, pages: ['h/1'] }, plain)).toMatch(/purged 1: h\/1$/)
  expect(
    watchLine(
      { ...commit, changes: [{ kind: 'table', what: 'public.a', rows: 1 }], purged: 0, pages: [] },
      plain,
    ),
  ).toBe('03:04:05.678  812  all of public.a  purged nothing')
  const ddl = { ...commit, changes: [{ kind: 'everything', what: 'ALTER TABLE', rows: 1 }] } as const
  expect(watchLine(ddl, plain)).toContain('everything (ALTER TABLE)  purged 5')
})

test('so is the loss of everything', () => {
  expect(watchLine({ type: 'dropped', at: 0, reason: 'a new epoch', purged: 9 }, plain)).toBe(
    '00:00:00.000  everything  9 pages dropped: a new epoch',
  )
})
