import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database } from '../../data/index.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { createAnalyzer } from '../analyzer.ts'
import { loadCatalog } from '../catalog.ts'
import { runRecorded } from '../context.ts'
import { conditionsOf } from '../describe.ts'
import { Recorder } from '../recorder.ts'
import { recordQueries } from '../recordQueries.ts'

let outside: TestDatabase
let app: Database

beforeAll(async () => {
  outside = await testDatabase(`
    create table users (id uuid primary key, name text not null unique, image text, team_id int, active bool not null default true);
    create table teams (id int primary key, title text);
    create table articles (id int primary key, author_id uuid not null references users, editor_id uuid references users,
      title text, body text, created_at timestamptz not null, rank int);
    create table loose (id int primary key, author_id uuid not null);
    create table unchecked (id int primary key, author_id uuid not null);
    alter table unchecked add foreign key (author_id) references users not valid;
    alter table users replica identity full; alter table articles replica identity full;
    alter table teams replica identity full; alter table loose replica identity full; alter table unchecked replica identity full;
    create publication quintet for all tables;
    insert into teams values (1, 'one'), (2, 'two');
    insert into users select ('00000000-0000-0000-0000-00000000000' || n)::uuid, 'user' || n, null, n % 2 + 1 from generate_series(1, 5) n;
    insert into articles select n, ('00000000-0000-0000-0000-00000000000' || (n % 3 + 1))::uuid, null, 'title' || n, 'body',
      '2024-01-01'::timestamptz + n * interval '1.000001 second', case when n > 7 then n end from generate_series(1, 9) n;
    insert into loose select id, author_id from articles;
    insert into unchecked select id, author_id from articles;
  `)
  app = createDatabase({ url: outside.url, poolMax: 1 })
  const catalog = await loadCatalog(app.internal.query, 'quintet')
  recordQueries(app, await createAnalyzer({ catalog }))
})

afterAll(async () => {
  await app.close()
  await outside.close()
})

const short = (text: string): string => text.replaceAll('00000000-0000-0000-0000-00000000000', '@')

/** What the query depends on in the table: `old id in (…): columns`. */
async function depends(table: string, text: string, values?: unknown[]): Promise<string[]> {
  const recorder = new Recorder()
  await runRecorded(recorder, () => app.query(text, values))
  const { dependencies, vetoes } = recorder.close()
  expect(vetoes).toEqual([])
  const found = dependencies
    .filter(one => one.table === `public.${table}`)
    .map(one => {
      const where = conditionsOf(one).join(' and ')
      return short(`${one.version ?? 'any'} ${where}: ${one.columns?.join(' ') ?? '*'}`)
    })
  return found.sort().reverse()
}

describe('joined rows, by the keys in the result', () => {
  const joined = 'from articles a join users u on u.id = a.author_id'

  it('a foreign key leaves nothing but the rows that are shown', async () => {
    expect(await depends('users', `select a.title, u.id, u.name ${joined} where a.id in (3, 6)`)).toEqual([
      "old id = '@1': id name",
    ])
    expect(await depends('users', `select a.author_id, u.name ${joined} where a.id in (1, 2)`)).toEqual([
      "old id in ('@2', '@3'): id name",
    ])
    expect(await depends('users', `select a.author_id, u.name ${joined} where a.id = 77`)).toEqual([])
    expect(
      await depends(
        'users',
        'select author_id, name from articles a left join users u on author_id = u.id where a.id = 1',
      ),
    ).toEqual(["old id = '@2': id name"])
  })

  it('without a validated key that can not be NULL, rows may come in', async () => {
    const expected = ["old id = '@2': id name", 'new : id']
    expect(
      await depends(
        'users',
        'select u.id, u.name from loose l join users u on u.id = l.author_id where l.id = 1',
      ),
    ).toEqual(expected)
    expect(
      await depends(
        'users',
        'select u.id, u.name from unchecked l join users u on u.id = l.author_id where l.id = 1',
      ),
    ).toEqual(expected)
    expect(
      await depends(
        'users',
        'select u.id, u.name from articles a join users u on u.id = a.editor_id where a.id = 1',
      ),
    ).toEqual(['new : id'])
  })

  it('what else decides may bring rows in, by the table’s own conditions', async () => {
    expect(await depends('users', `select u.id, u.name ${joined} and u.active where a.id = 1`)).toEqual([
      "old id = '@2': active id name",
      "new active = 't': active id",
    ])
    expect(await depends('users', `select u.id, u.image ${joined} where a.id = 1 order by u.name`)).toEqual([
      "old id = '@2': id image name",
      'new : id name',
    ])
    expect(await depends('users', `select u.id, u.image ${joined} where a.id < 3 and u.team_id > 1`)).toEqual(
      ["old id = '@3': id image team_id", "new team_id > '1': id team_id"],
    )
  })

  it.each([
    [
      'an anti-join',
      'select a.id, u.id from articles a left join users u on u.id = a.author_id where u.id is null',
    ],
    ['an aggregate', `select count(*) ${joined} where a.id < 3`],
    ['groups', `select u.id, count(*) ${joined} where a.id < 3 group by u.id`],
    ['DISTINCT', `select distinct u.id, u.image ${joined} where a.id < 3`],
    ['a window', `select u.id, u.image, rank() over (order by u.image) ${joined} where a.id < 3`],
    ['a set-returning function', `select u.id, unnest(array[u.image]) ${joined} where a.id < 3`],
    ['a set operation', `select u.id, u.image ${joined} where a.id < 3 union select id, null from users`],
    [
      'OFFSET',
      'select u.id, u.image from loose l join users u on u.id = l.author_id order by l.id limit 2 offset 1',
    ],
    ['a self-join', `select u.id, u.image, v.id ${joined} join users v on v.id = a.editor_id where a.id < 3`],
    [
      'the table read elsewhere',
      `select u.id, u.image ${joined} where a.id < 3 and exists (select from users)`,
    ],
    [
      'a full join',
      'select u.id, u.image from loose l full join users u on u.id = l.author_id where l.id < 3',
    ],
    [
      'no column that says which',
      'select u.active, l.id from loose l cross join users u where u.image is null',
    ],
  ])('%s: every row counts', async (_, text) => {
    const found = await depends('users', text)
    expect(found.length).toBeGreaterThan(0)
    for (const one of found) expect(one).toMatch(/^any/)
  })

  it('a column in the result that is NULL names no row', async () => {
    expect(
      await depends('users', 'select u.image, l.id from loose l cross join users u where u.active limit 2'),
    ).toEqual(["any active = 't': active image"])
  })
})

describe('lists, by their last row', () => {
  const list = 'select id, title, created_at from articles order by created_at desc, id desc'

  it('a full one ends at its last row, ties included', async () => {
    expect(await depends('articles', `${list} limit 2`)).toEqual([
      "any up to created_at desc '2024-01-01 00:00:08.000008+00', id desc '8': created_at id title",
    ])
    expect(await depends('articles', `${list} limit $1 offset $2`, [2, null])).toHaveLength(1)
    expect(
      await depends(
        'articles',
        'select id from articles where author_id = $1 and rank is null order by 1 limit 1',
        ['00000000-0000-0000-0000-000000000001'],
      ),
    ).toEqual(["any author_id = '@1' and rank is null and up to id '3': author_id id rank"])
  })

  it('OFFSET counts the rows before the page', async () => {
    expect(await depends('articles', `${list} limit 2 offset 3`)).toEqual([
      "old id in ('5', '6'): created_at id title",
      "any up to created_at desc '2024-01-01 00:00:05.000005+00', id desc '5': created_at id",
    ])
  })

  it('one that is shorter than its limit has no end', async () => {
    expect(await depends('articles', `${list} limit 10`)).toEqual(['any : created_at id title'])
    expect(await depends('articles', `${list} limit 5 offset 6`)).toEqual(['any : created_at id title'])
    expect(await depends('articles', `${list} limit null`)).toEqual(['any : created_at id title'])
  })

  it('of a table joined with itself is not followed: whose row is the last can’t be told', async () => {
    const text =
      'select b.id, a.id as first from articles a join articles b on b.id > a.id order by a.id desc, b.id limit 1'
    expect(await depends('articles', text)).toEqual(['any : id'])
  })

  it('is followed as far as its keys are columns of the table, and in the result', async () => {
    expect(await depends('articles', 'select id from articles order by created_at limit 2')).toEqual([
      'any : created_at id',
    ])
    expect(
      await depends('articles', 'select id, rank from articles order by rank, length(title) limit 8'),
    ).toEqual(['any up to rank null: id rank title'])
    expect(
      await depends('articles', 'select id as title, rank as id from articles order by id limit 2'),
    ).toEqual(["any up to rank '9': id rank"])
    expect(
      await depends('articles', 'select lower(title), id from articles order by lower, id limit 2'),
    ).toEqual(['any : id title'])
    expect(
      await depends(
        'articles',
        'select a.id, u.name from articles a join users u on u.id = author_id order by a.id limit 2',
      ),
    ).toEqual(["any up to id '2': author_id id"])
  })
})
