import { expect, test } from 'vitest'
import type { Explanation } from '../serve/index.ts'
import { explanationLines } from './explanationLines.ts'

const plain = (_: string, text: string): string => text

const dependency = { table: 'public.articles', equals: { slug: ['a'] }, columns: ['slug', 'title'] }
const explanation: Explanation = {
  url: 'http://localhost:8080/article/a',
  status: 200,
  cached: {
    stored: true,
    entry: {
      position: 'e:0/2',
      madeAt: Date.now() - 30_000,
      hits: 7,
      bytes: 12_345,
      endsAt: null,
      justNow: false,
    },
  },
  variant: [
    { part: 'cookie:session', occurrences: [] },
    { part: 'query:page', occurrences: ['2'] },
  ],
  personal: false,
  dependencies: [dependency],
  queries: [
    {
      text: 'select slug, title\n  from articles where slug = $1',
      dependencies: [dependency, { table: 'public.tags', equals: {}, columns: null }],
      notes: ['count(*) sees every row'],
    },
  ],
  madeAt: 'e:0/2',
  lastPurge: {
    position: 'e:0/1',
    xid: 7,
    table: 'public.articles',
    kind: 'update',
    committedAt: Date.now() - 600_000,
    at: Date.now() - 600_000,
  },
  feed: { position: 'e:0/3', fresh: true },
}

test('a cached page: since when, by what it differs, what it reads, what purged it', () => {
  const lines = explanationLines(explanation, plain)
  expect(lines[0]).toBe('http://localhost:8080/article/a  200')
  expect(lines[2]).toMatch(/^cached: stored 30\.\d s ago, served 7 times since, 12,345 bytes$/)
  expect(lines).toContain('  cookie:session  absent')
  expect(lines).toContain('  query:page  "2"')
  expect(lines).toContain('  select slug, title from articles where slug = $1')
  expect(lines).toContain("    public.articles where slug = 'a': slug, title [equality]")
  expect(lines).toContain('    public.tags: every column [table]')
  expect(lines).toContain('    count(*) sees every row')
  expect(lines).toContain('  update in public.articles, 10 min ago, by transaction 7 at e:0/1')
  expect(lines.at(-1)).toBe('feed e:0/3, fresh')
})

test('a page that is not cached says why', () => {
  const lines = explanationLines(
    {
      ...explanation,
      cached: { stored: false, kind: 'veto', why: 'the clock was read' },
      variant: [],
      queries: [],
      lastPurge: null,
      feed: { position: null, fresh: false },
    },
    plain,
  )
  expect(lines).toContain('not cached (veto): the clock was read')
  expect(lines).toContain('  nothing: one entry for everybody')
  expect(lines).toContain('  no query')
  expect(lines).toContain('  none remembered')
  expect(lines.at(-1)).toBe('feed not joined, not fresh: nothing is served from the cache')
})
