import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionState } from '../../data/index.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { type Analyzer, createAnalyzer } from '../analyzer.ts'
import { loadCatalog } from '../catalog.ts'
import { bind } from './bind.ts'

const session: SessionState = { searchPath: 'public', role: 'app', database: 'app', altered: false }

let database: TestDatabase
let analyzer: Analyzer

beforeAll(async () => {
  database = await testDatabase(`
    create collation german (provider = icu, locale = 'de');
    create type pair as (a int, b int);
    create table a (id bigint primary key, b_id int, n int2, t text, g text collate german, p text collate "POSIX",
      at timestamptz, local timestamp, day date, ok bool, u uuid, price numeric, twin pair,
      doubled int generated always as (id * 2) virtual);
    create table b (id int primary key, a_id int, n int, deleted_at timestamptz);
    alter table a replica identity full; alter table b replica identity full;
    create publication quintet for table a (id, b_id, n, t, g, p, at, local, day, ok, u, price, twin), b;
  `)
  const catalog = await loadCatalog((text, values) => database.query(text, values), 'quintet')
  analyzer = await createAnalyzer({ catalog })
})

afterAll(() => database.close())

/** The conditions on the table `a`, or on the table given. */
function conditions(where: string, values: unknown[] = [], table = 'a', from = 'a'): string {
  const analysis = analyzer.analyze(`select 1 from ${from} where ${where}`, session)
  if (analysis.kind !== 'read') throw new Error(`${analysis.kind}: ${analysis.reasons.join('; ')}`)
  const found = bind(analysis, values).filter(dependency => dependency.table === `public.${table}`)
  return found
    .map(({ equals, residuals = [] }) => [
      ...Object.entries(equals).map(([column, list]) => `${column}=${list.join('|')}`),
      ...residuals.map(one => `${one.column} ${one.op}${'value' in one ? ` ${one.value}` : ''}`),
    ])
    .map(parts => parts.join(', '))
    .join('; ')
}

describe('residual conditions', () => {
  it.each<[where: string, expected: string, values?: unknown[]]>([
    ['id > 5', 'id > 5'],
    ['5 > id', 'id < 5'],
    ['id >= $1', 'id >= 7', ['007']],
    ['id between $1 and -3', 'id <= -3, id >= -8', [-8]],
    ['id not in (1, $1)', 'id <> 1, id <> 2', [2]],
    ['id != 1 and ok', 'ok=t, id <> 1'],
    ['n < 9999999999', 'n < 9999999999'],
    ["t > 'x'", 't > x'],
    ["p <= 'x'", 'p <= x'],
    ["g > 'x'", ''],
    ["g <> 'x'", 'g <> x'],
    ["t like 'ab%c'", 't starts with ab'],
    ["t like 'a\\_b'", 't starts with a'],
    ["t like '%x'", ''],
    ["t ilike 'ab%'", ''],
    ["t not like 'ab%'", ''],
    ["t like 'ab%' escape 'b'", ''],
    ['t like $1', 't starts with x', ['x_']],
    ['at > $1', 'at > 2024-01-02 02:04:05.1+00', ['2024-01-02T03:04:05.10+01:00']],
    ['at > $1', 'at > 2024-01-02 03:04:05.123+00', [new Date('2024-01-02T03:04:05.123Z')]],
    ['at > $1', '', ['2 January 2024']],
    ['at > $1', '', ['2024-02-30']],
    ['at > $1', '', ['2024-01-01 00:00:00.1234567']],
    ["at > '2024-01-01'::timestamptz", 'at > 2024-01-01 00:00:00+00'],
    ["at > '2024-01-01'::date", ''],
    ['at = $1', 'at=2024-01-02 03:04:05+00', ['2024-01-02T03:04:05Z']],
    ['local < $1', '', [new Date()]],
    ['local < $1', '', ['2024-01-02T03:04:05+01:00']],
    ['local < $1', 'local < 2024-01-02 03:04:05', ['2024-01-02T03:04:05.000Z']],
    ['day >= $1', 'day >= 2024-01-02', ['2024-01-02']],
    ['day = $1', '', ['2024-01-02 10:00:00']],
    ['u > $1', '', ['x']],
    ['ok is not true', 'ok is not t'],
    ['ok is unknown', 'ok is null'],
    ['ok <> $1', 'ok <> t', [true]],
    ['id is distinct from 3', 'id is not 3'],
    ['id is distinct from $1', '', [null]],
    ['t is null and price is not null', 'price is not null, t is null'],
    ['twin is null', ''],
    ['doubled > 3', ''],
    ['price > 3', ''],
    ['id > 3.5', ''],
    ['id > $1', '', [null]],
    ['(at, id) < ($1, $2)', 'at <= 2024-01-02 00:00:00+00', ['2024-01-02', 4]],
    ['(id, n) > (1, 2)', 'id >= 1'],
    ['(id, n) <> (1, 2)', ''],
    ['id > 3 or n > 4', ''],
    ['not id > 3', ''],
    ["t > $1 and ($1 || 'x') = t", '', ['x']],
  ])('%s', (where, expected, values) => expect(conditions(where, values)).toBe(expected))

  it('follow equal columns', () => {
    expect(conditions('a.id = b.a_id and b.a_id > 4 and b.n is null', [], 'a', 'a, b')).toBe('id > 4')
    expect(conditions('exists (select from b where b.a_id = a.id) and a.id < 9', [], 'b')).toBe('a_id < 9')
  })

  it('that NULL meets do not restrict a table whose absence shows', () => {
    const joined = (join: string) => conditions('b.deleted_at is null', [], 'b', `a ${join}`)
    expect(joined('join b on b.a_id = a.id')).toBe('deleted_at is null')
    expect(joined('left join b on b.a_id = a.id')).toBe('')
    expect(joined('full join b on b.a_id = a.id')).toBe('')
    expect(joined('right join b on b.a_id = a.id')).toBe('deleted_at is null')
    expect(conditions('true', [], 'b', 'a left join b on b.a_id = a.id and b.deleted_at is null')).toBe(
      'deleted_at is null',
    )
    expect(conditions('b.n > 3', [], 'b', 'a left join b on b.a_id = a.id')).toBe('n > 3')
    const nested = 'a left join (a x left join b on b.a_id = x.id) on x.id = a.id and b.deleted_at is null'
    expect(conditions('true', [], 'b', nested)).toBe('')
  })

  it('words for the clock are found in literals and parameters', () => {
    expect(analyzer.analyze("select 1 from a where at > 'today'", session).kind).toBe('opaque')
    expect(analyzer.analyze("select 1 from a where day = 'now'::date", session).kind).toBe('opaque')
    expect(analyzer.analyze('select 1 from a where at = t::timestamptz', session).kind).toBe('opaque')
    expect(analyzer.analyze('select 1 from a where at > $1', session).clockParameters).toEqual([1])
  })
})

describe('PostgreSQL agrees about', () => {
  it('the text of moments', async () => {
    const { canonicalMoment } = await import('./moments.ts')
    const given = [
      '2024-01-02',
      '2024-02-29T23:59:59.1Z',
      '1999-12-31 23:00:00-11:30',
      '0101-01-01 00:00:00.000010Z',
    ]
    for (const text of given) {
      const { rows } = await database.query<{ text: string }>('select $1::timestamptz::text as text', [text])
      expect(canonicalMoment(text, 'timestamptz')).toBe(rows[0]?.text)
    }
  })

  it('the order of texts', async () => {
    const { compareTexts } = await import('../order.ts')
    const texts = ['', 'a', 'B', 'é', 'ﬁ', '😀', '\uffff', 'a😀', 'aﬁ', '10', '9']
    for (const one of texts) {
      const { rows } = await database.query<{ less: boolean[] }>(
        'select array(select $1::text < other from unnest($2::text[]) with ordinality as o(other, n) order by n) as less',
        [one, texts],
      )
      expect(texts.map(other => Number(compareTexts(one, other, 'text')) < 0)).toEqual(rows[0]?.less)
    }
    expect(compareTexts('9', '10', 'int')).toBeLessThan(0)
    expect(compareTexts('9007199254740993', '9007199254740992', 'int')).toBeGreaterThan(0)
    expect(compareTexts('-infinity', '0001-01-01', 'date')).toBeLessThan(0)
    expect(compareTexts('0044-03-15 BC', '2024-01-01', 'date')).toBeUndefined()
    expect(compareTexts('2024-01-01 00:00:00+00', '2024-01-01 00:00:00.1+00', 'timestamptz')).toBeLessThan(0)
  })
})
