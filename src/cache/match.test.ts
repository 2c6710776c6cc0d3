import { expect, test } from 'vitest'
import type { Change } from '../feed/index.ts'
import type { Dependency } from '../reads/index.ts'
import { matches } from './match.ts'

const bySlug: Dependency = { table: 'public.a', equals: { slug: ['x', 'y'] }, columns: ['slug', 'title'] }
const whole: Dependency = { table: 'public.a', equals: {}, columns: null }
const row = (slug: string | null, title = 't', body = 'b') => ({ slug, title, body })
const update = (old: ReturnType<typeof row>, now: ReturnType<typeof row>): Change => ({
  kind: 'update',
  table: 'public.a',
  old,
  new: now,
  changed: (['slug', 'title', 'body'] as const).filter(column => old[column] !== now[column]),
})

test.each<[string, Dependency, Change, boolean]>([
  ['an insert that meets', bySlug, { kind: 'insert', table: 'public.a', new: row('y') }, true],
  ['an insert that does not', bySlug, { kind: 'insert', table: 'public.a', new: row('z') }, false],
  ['an insert of NULL', bySlug, { kind: 'insert', table: 'public.a', new: row(null) }, false],
  ['an insert elsewhere', bySlug, { kind: 'insert', table: 'public.b', new: row('x') }, false],
  ['an insert without the column', bySlug, { kind: 'insert', table: 'public.a', new: { id: '1' } }, true],
  ['a delete that meets', bySlug, { kind: 'delete', table: 'public.a', old: row('x') }, true],
  ['a delete that does not', bySlug, { kind: 'delete', table: 'public.a', old: row('z') }, false],
  ['an update of a read column', bySlug, update(row('x'), row('x', 'T')), true],
  ['an update of an unread column', bySlug, update(row('x'), row('x', 't', 'B')), false],
  ['an update that moves the row away', bySlug, update(row('x'), row('z')), true],
  ['an update that moves the row in', bySlug, update(row('z'), row('y')), true],
  ['an update of another row', bySlug, update(row('q'), row('z')), false],
  [
    'an update that does not carry a read column',
    { ...bySlug, columns: ['computed'] },
    update(row('x'), row('x', 't', 'B')),
    true,
  ],
  ['any update of a whole table', whole, update(row('q'), row('q', 't', 'B')), true],
  ['a truncate', bySlug, { kind: 'table', table: 'public.a' }, true],
  ['a truncate elsewhere', bySlug, { kind: 'table', table: 'public.b' }, false],
  ['DDL', bySlug, { kind: 'everything', reason: 'ALTER TABLE' }, true],
])('%s', (_, dependency, change, expected) => expect(matches(dependency, change)).toBe(expected))

const ranged: Dependency = {
  table: 'public.a',
  equals: { kind: ['k'] },
  residuals: [
    { column: 'n', op: '>', value: '9', as: 'int' },
    { column: 'gone', op: 'is null' },
  ],
  columns: ['n'],
}
test.each<[Record<string, string | null>, boolean]>([
  [{ kind: 'k', n: '10', gone: null }, true],
  [{ kind: 'k', n: '9', gone: null }, false],
  [{ kind: 'k', n: null, gone: null }, false],
  [{ kind: 'k', n: '10', gone: 'x' }, false],
  [{ kind: 'l', n: '10', gone: null }, false],
  [{ kind: 'k', gone: null }, true],
  [{ kind: 'k', n: '10' }, true],
])('residual conditions of the row %j', (row, expected) => {
  expect(matches(ranged, { kind: 'insert', table: 'public.a', new: row })).toBe(expected)
  const elsewhere = { kind: 'z', n: '0', gone: null }
  const update = { kind: 'update' as const, table: 'public.a', changed: ['n'] }
  expect(matches(ranged, { ...update, old: row, new: elsewhere })).toBe(expected)
  expect(matches(ranged, { ...update, old: elsewhere, new: row })).toBe(expected)
})

test('a value known only by its digest meets what is asked of its order', () => {
  const row = { t: '#vRuIDDE-wuhTJIxA2R6_6g' }
  const meets = (residual: NonNullable<Dependency['residuals']>[number]) =>
    matches({ ...whole, residuals: [residual] }, { kind: 'insert', table: 'public.a', new: row })
  expect(meets({ column: 't', op: '<', value: 'a', as: 'text' })).toBe(true)
  expect(meets({ column: 't', op: 'starts with', value: 'a' })).toBe(true)
  expect(meets({ column: 't', op: '<>', value: row.t })).toBe(false)
})

test('a dependency on one version of the row looks at no other', () => {
  const was = { ...bySlug, version: 'old' as const }
  const comes = { ...bySlug, version: 'new' as const }
  const insert: Change = { kind: 'insert', table: 'public.a', new: row('x') }
  const gone: Change = { kind: 'delete', table: 'public.a', old: row('x') }
  const away = update(row('x'), row('z'))
  const into = update(row('z'), row('x'))
  expect([insert, gone, away, into].map(change => matches(was, change))).toEqual([false, true, true, false])
  expect([insert, gone, away, into].map(change => matches(comes, change))).toEqual([true, false, false, true])
})

test('a full list is met by rows that sort up to its last one', () => {
  const key = { column: 'slug', as: 'text' as const, descending: false, nullsFirst: false, value: 'm' }
  const list: Dependency = { ...whole, upTo: [key] }
  const insert = (slug: string | null): Change => ({ kind: 'insert', table: 'public.a', new: row(slug) })
  expect(['a', 'm', 'n', null].map(slug => matches(list, insert(slug)))).toEqual([true, true, false, false])
})
