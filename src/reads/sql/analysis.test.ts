import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionState } from '../../data/index.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { type Analyzer, createAnalyzer } from '../analyzer.ts'
import { type Catalog, loadCatalog } from '../catalog.ts'
import type { Dependency } from '../dependency.ts'
import { bind } from './bind.ts'

const session: SessionState = { searchPath: '"$user", public', role: 'app', database: 'app', altered: false }

let database: TestDatabase
let catalog: Catalog
let analyzer: Analyzer

beforeAll(async () => {
  database = await testDatabase(`
    create type mood as enum ('good', 'bad');
    create table users (id int primary key, username text not null unique, email varchar(200), bio text, active bool, token uuid, mood mood);
    create table articles (id bigint primary key, author_id int not null references users, slug text not null, title text,
      body text, published bool not null default true, created_at timestamptz, size int generated always as (length(body)) stored,
      shout text generated always as (upper(title)));
    create table comments (id int primary key, article_id bigint references articles, author_id int references users, body text);
    create table tags (article_id bigint, name text, code char(3), loud text collate "C", primary key (article_id, name));
    create schema other;
    create table other.users (id int primary key, secret text);
    create collation loose (provider = icu, locale = 'und', deterministic = false);
    create table loose_texts (id int primary key, word text collate loose);
    create table hidden (id int primary key);
    create unlogged table scratch (id int primary key);
    create table keyed (id int primary key, a text);
    create table guarded (id int primary key);
    alter table guarded enable row level security;
    create table filtered (id int primary key, a int);
    create table parts (id int, a text) partition by list (id);
    create table parts_1 partition of parts for values in (1);
    create table parts_2 partition of parts for values in (2);
    alter table parts_1 replica identity full;
    create table split (id int, a text) partition by list (id);
    create table split_1 partition of split for values in (1);
    create table split_2 partition of split for values in (2);
    alter table split_1 replica identity full; alter table split_2 replica identity full;
    create table parents (id int primary key, a text);
    create table children (b text) inherits (parents);
    alter table parents replica identity full; alter table children replica identity full;
    create type address as (city text, zip text);
    create table places (id int primary key, home address);
    create table "Odd" (id int primary key, "The Key" int);
    alter table places replica identity full; alter table "Odd" replica identity full;
    create view active_users as select * from users where active;
    create view active_authors (author, name, articles) as
      select u.id, u.username, (select count(*) from articles a where a.author_id = u.id) from active_users u;
    create view per_author as select author_id, count(*) as articles from articles where published group by author_id;
    create view newest as select id, slug from articles order by created_at desc limit 10;
    create view other.users_of as select u.*, s.secret from public.users u left join other.users s on s.id = u.id;
    create view fenced with (security_barrier) as select * from users;
    create view views_now as select * from articles where created_at < now();
    create view views_guarded as select * from guarded;
    create view views_catalog as select relname from pg_class;
    create view moods as select id from users where mood in ('good', 'bad') and email = 'e' and username like 'a%' and (active or id between 1 and 2);
    create materialized view user_names as select username from users;
    create function shady(x int) returns int language sql as 'select x';
    create view views_shady as select shady(id) from users;
    create function initcap(x mood) returns text language sql as 'select ''x''';
    alter table users replica identity full; alter table articles replica identity full;
    alter table comments replica identity full; alter table tags replica identity full;
    alter table other.users replica identity full; alter table loose_texts replica identity full;
    alter table guarded replica identity full; alter table filtered replica identity full;
    create publication quintet for table users, articles, comments, tags, other.users, loose_texts, keyed, guarded, parts, split, parents, children, places, "Odd",
      filtered where (a > 1);
  `)
  catalog = await loadCatalog((text, values) => database.query(text, values), 'quintet')
  analyzer = await createAnalyzer({ catalog })
})

afterAll(() => database.close())

/** `users(username=a) id,username` for each dependency; `*` for all columns. */
function show({ table, equals, residuals, columns }: Dependency): string {
  const conditions = Object.entries(equals).map(([column, values]) => `${column}=${values.join('|')}`)
  for (const residual of residuals ?? []) {
    conditions.push(`${residual.column} ${residual.op}${'value' in residual ? ` ${residual.value}` : ''}`)
  }
  return `${table.replace('public.', '')}(${conditions.join(' ')}) ${columns === null ? '*' : columns.join(',')}`
}

function reads(text: string, values: unknown[] = []): string[] {
  const analysis = analyzer.analyze(text, session)
  if (analysis.kind !== 'read') throw new Error(`${analysis.kind}: ${analysis.reasons.join('; ')}`)
  return bind(analysis, values).map(show)
}

const tables: Record<string, [text: string, dependencies: string[], values?: unknown[]][]> = {
  'single tables': [
    ['select id from users where username = $1', ['users(username=ann) id,username'], ['ann']],
    ['select * from users where id = 7', ['users(id=7) *']],
    ['select u.* from users u where 7 = u.id', ['users(id=7) *']],
    ['select u from users u where id = 7', ['users(id=7) *']],
    ['select ctid from users where id = 7', ['users(id=7) *']],
    ['table users', ['users() *']],
    ['select count(*) from users', ['users() ']],
    ['select count(*) from users where active', ['users(active=t) active']],
    ['select 1 from users where not active', ['users(active=f) active']],
    ['select 1 from users where active is true', ['users(active=t) active']],
    ['select 1 from users where active is not true', ['users(active is not t) active']],
    ['select 1 from users where active = $1', ['users(active=f) active'], [false]],
    ['select 1 from users where id in (1, 2, null)', ['users(id=1|2) id']],
    ['select 1 from users where id = any($1)', ['users(id=3|4) id'], [[3, '04', null]]],
    ['select 1 from users where id = any($1::int[])', ['users(id=3) id'], [[3]]],
    ['select 1 from users where id = any(array[1, $1])', ['users(id=1|9) id'], [9]],
    ['select 1 from users where id = 1 or id = $1', ['users(id=1|2) id'], [2]],
    [
      'select 1 from users where id = 1 or username = $1',
      ['users(id=1) id,username', 'users(username=b) id,username'],
      ['b'],
    ],
    [
      'select 1 from users where (id = 1 and active) or (id = 2 and username = $1)',
      ['users(active=t id=1) active,id,username', 'users(id=2 username=b) active,id,username'],
      ['b'],
    ],
    ['select 1 from users where id = 1 or bio is null', ['users() bio,id']],
    ['select 1 from users where not (id = 1)', ['users() id']],
    ['select 1 from users where id <> 1', ['users(id <> 1) id']],
    ['select 1 from users where (id, username) = (1, $1)', ['users(id=1 username=x) id,username'], ['x']],
    ['select id from users where mood = $1 order by bio limit 3', ['users(mood=bad) bio,id,mood'], ['bad']],
    ["select 1 from users where mood = 'good'::mood", ['users(mood=good) mood']],
    [
      'select max(id) from users where active group by mood having min(bio) > $1',
      ['users(active=t) active,bio,id,mood'],
      ['x'],
    ],
    ['select distinct on (bio) id from users order by bio', ['users() bio,id']],
    ['select username as n from users order by n', ['users() username']],
    [
      'select id from users where token = $1',
      ['users(token=a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11) id,token'],
      ['{A0EEBC999C0B4EF8BB6D6BB9BD380A11}'],
    ],
    ['select id from users where email = $1::text', ['users(email=x) email,id'], ['x']],
    ['select id from "users" where "users"."id" = $1', ['users(id=1) id'], ['+01 ']],
    ['select secret from other.users where other.users.id = 1', ['other.users(id=1) id,secret']],
    ['select id from users where bio like $1 and id = 2', ['users(id=2) bio,id'], ['%x%']],
    ['select id from users limit $1 offset $2', ['users() id'], [1, 2]],
  ],
  'values without an exact form': [
    ['select 1 from users where id = $1', ['users() id'], [null]],
    ['select 1 from users where id = $1', ['users() id'], ['0x10']],
    ['select 1 from users where id = $1', ['users() id'], [1.5]],
    ['select 1 from users where id = 1.0', ['users() id']],
    ['select 1 from users where username = $1', ['users() username'], [new Date(0)]],
    ['select 1 from users where username = $1 and id = 1', ['users(id=1) id,username'], [Buffer.from('a')]],
    ['select 1 from users where id = any($1)', ['users() id'], [['1', 'x']]],
    ['select 1 from users where active = $1', ['users() active'], ['tru']],
    ['select 1 from users where token = $1', ['users() token'], ['a0ee']],
    // The parameter's type is settled elsewhere: `name` would cut it.
    [
      'select 1 from users where username = $1 and $1 = any(string_to_array(bio, username))',
      ['users() bio,username'],
      ['x'],
    ],
    ['select 1 from users where username = $1::varchar(3)', ['users() username'], ['abcd']],
    ['select 1 from users where username = $1::name::text', ['users() username'], ['abcd']],
    ['select 1 from tags where code = $1', ['tags() code'], ['a']],
    ['select 1 from tags where loud = $1', ['tags(loud=a) loud'], ['a']],
    ['select 1 from loose_texts where word = $1', ['loose_texts() word'], ['a']],
    ['select 1 from users where username = $1 collate "C"', ['users() username'], ['a']],
    ['select 1 from users where username || bio = $1', ['users() bio,username'], ['a']],
  ],
  'inner joins': [
    [
      'select a.title, u.username from articles a join users u on u.id = a.author_id where a.slug = $1',
      ['articles(slug=s) author_id,slug,title', 'users() id,username'],
      ['s'],
    ],
    [
      'select a.title from articles a join users u on u.id = a.author_id where u.id = $1',
      ['articles(author_id=5) author_id,title', 'users(id=5) id'],
      [5],
    ],
    [
      'select title from articles, users where users.id = author_id and author_id = $1 and username = $2',
      ['articles(author_id=5) author_id,title', 'users(id=5 username=b) id,username'],
      [5, 'b'],
    ],
    [
      'select 1 from articles a join comments c on c.article_id = a.id join tags t on t.article_id = c.article_id where t.article_id = 3',
      ['articles(id=3) id', 'comments(article_id=3) article_id', 'tags(article_id=3) article_id'],
    ],
    [
      'select count(*) from comments c join tags t using (article_id) where article_id = 3',
      ['comments() article_id', 'tags() article_id'],
    ],
    [
      'select count(*) from comments c join tags t using (article_id) where c.article_id = 3',
      ['comments(article_id=3) article_id', 'tags(article_id=3) article_id'],
    ],
    // Either side of the OR may be the one that holds.
    ['select 1 from users u, articles a where u.id = 1 or a.id = 2', ['users() id', 'articles() id']],
    [
      'select 1 from users u, articles a where (u.id = 1 and a.id = 2) or (u.id = 3 and a.author_id = 4)',
      ['users(id=1|3) id', 'articles(id=2) author_id,id', 'articles(author_id=4) author_id,id'],
    ],
    ['select 1 from comments natural join tags', ['comments() article_id', 'tags() article_id']],
    [
      'select 1 from comments natural join tags where tags.article_id = 3',
      ['comments(article_id=3) article_id', 'tags(article_id=3) article_id'],
    ],
    ['select 1 from comments c natural join unnest($1::int[]) n', ['comments() *'], [[1]]],
    ['select x from users as u(x) where x = 4', ['users(id=4) id']],
    // A text column equal to a number's text is no equality of the same family.
    [
      'select 1 from users u join tags t on t.name = u.id::text where u.id = 1',
      ['users(id=1) id', 'tags() name'],
    ],
    ['select 1 from users a, users b where a.id = 1 and b.id = 2', ['users(id=1) id', 'users(id=2) id']],
  ],
  'outer joins': [
    [
      'select a.id, c.body from articles a left join comments c on c.article_id = a.id where a.id = 1',
      ['articles(id=1) id', 'comments(article_id=1) article_id,body'],
    ],
    // ON says nothing of the preserved side.
    [
      'select a.id from articles a left join comments c on c.article_id = a.id and a.id = 1 and c.author_id = 2',
      ['articles() id', 'comments(article_id=1 author_id=2) article_id,author_id'],
    ],
    [
      'select a.id from articles a right join comments c on a.id = 1 and c.author_id = 2',
      ['articles(id=1) id', 'comments() author_id'],
    ],
    [
      'select 1 from articles a full join comments c on a.id = 1 and c.author_id = 2',
      ['articles() id', 'comments() author_id'],
    ],
    [
      'select 1 from articles a full join comments c on a.id = c.article_id where c.author_id = 2',
      ['articles() id', 'comments(author_id=2) article_id,author_id'],
    ],
    // WHERE on the nullable side is strict, IS NULL is not.
    [
      'select 1 from articles a left join comments c on c.article_id = a.id where c.author_id = 2',
      ['articles() id', 'comments(author_id=2) article_id,author_id'],
    ],
    [
      'select 1 from articles a left join comments c on c.article_id = a.id where c.id is null and a.author_id = 4',
      ['articles(author_id=4) author_id,id', 'comments() article_id,id'],
    ],
    // What an outer join's ON says of its nullable side says nothing of a third table.
    [
      'select 1 from users u left join comments c on c.author_id = u.id and c.author_id = 5 join articles a on a.author_id = u.id',
      ['users() id', 'comments(author_id=5) author_id', 'articles() author_id'],
    ],
    [
      'select 1 from users u left join (comments c join articles a on a.id = c.article_id and a.id = 9) on c.author_id = u.id',
      ['users() id', 'comments(article_id=9) article_id,author_id', 'articles(id=9) id'],
    ],
  ],
  'subqueries, CTEs and set operations': [
    [
      'select id from users where id in (select author_id from articles where slug = $1)',
      ['articles(slug=s) author_id,slug', 'users() id'],
      ['s'],
    ],
    [
      'select id from users u where u.id = 3 and not exists (select 1 from articles a where a.author_id = u.id)',
      ['articles(author_id=3) author_id', 'users(id=3) id'],
    ],
    [
      'select (select count(*) from comments c where c.article_id = a.id) from articles a where a.id = $1',
      ['comments(article_id=2) article_id', 'articles(id=2) id'],
      [2],
    ],
    // What a join says of the levels around holds only where the join has a row; users appear without one.
    [
      `select 1 from articles a where exists (select 1 from users u
         left join (comments c join tags t on c.author_id = a.author_id and a.author_id = 5) on true where u.id = a.author_id)`,
      ['users() id', 'comments(author_id=5) author_id', 'tags() ', 'articles() author_id'],
    ],
    // The aggregate's target list is evaluated although WHERE lets nothing through.
    [
      'select (select count(*) + (select count(*) from tags t where t.article_id = a.id) from comments c where a.id = 5) from articles a',
      ['tags() article_id', 'comments() ', 'articles() id'],
    ],
    [
      'select s.n from (select username as n from users where id = 1) s where s.n = $1',
      ['users(id=1 username=x) id,username'],
      ['x'],
    ],
    // A subquery without LATERAL does not see its neighbours: this id is the inner table's.
    [
      'select 1 from users u, lateral (select title from articles where author_id = u.id) s where u.id = 1',
      ['articles(author_id=1) author_id', 'users(id=1) id'],
    ],
    [
      'with a as (select id, author_id from articles where slug = $1) select username from a join users u on u.id = a.author_id',
      ['articles(slug=s) author_id,slug', 'users() id,username'],
      ['s'],
    ],
    // The CTE hides the table; the name in its own query means the table.
    ['with users as (select id from users where id = 1) select * from users', ['users(id=1) id']],
    ['with users as (select 1 as id) select id from users where id = 5', []],
    ['with users as (select 1 as id) select id from public.users', ['users() id']],
    [
      'with recursive r as (select id from comments where id = 1 union all select c.id from comments c join r on c.author_id = r.id) select * from r',
      ['comments(id=1) id', 'comments() author_id,id'],
    ],
    [
      'select id from users where id = 1 union all select id from articles where id = 2 order by id',
      ['users(id=1) id', 'articles(id=2) id'],
    ],
    ['select 1 where exists (select from users where id = 1)', ['users(id=1) id']],
    [
      // Unqualified names of a correlated subquery belong to the nearest level that has them.
      'select 1 from articles where exists (select 1 from users where id = author_id and title = username)',
      ['users() id,username', 'articles() author_id,title'],
    ],
    [
      // As Drizzle writes `with: { comments: true }`.
      `select "articles"."id", "articles_comments"."data" as "comments" from "articles" "articles" left join lateral (
         select coalesce(json_agg(json_build_array("articles_comments"."id", "articles_comments"."body")), '[]'::json) as "data"
         from (select * from "comments" "articles_comments" where "articles_comments"."article_id" = "articles"."id" limit $1) "articles_comments"
       ) "articles_comments" on true where "articles"."id" = $2 limit $3`,
      ['comments(article_id=8) article_id,body,id', 'articles(id=8) id'],
      [10, 8, 1],
    ],
    ['select x from unnest($1::int[]) as x join users on users.id = x', ['users() id'], [[1]]],
    ['select generate_series(1, 3)', []],
    ['values (1), (2)', []],
    ['select 1; select id from users where id = 2', ['users(id=2) id']],
  ],
  'functions and columns': [
    ['select row_number() over (partition by bio order by email) from users', ['users() bio,email']],
    [
      'select string_agg(username, $1 order by id) filter (where active) from users',
      ['users() active,id,username'],
      [','],
    ],
    ['select to_json(u) from users u where id = 1', ['users(id=1) *']],
    ['select coalesce(bio, lower(email)) from users', ['users() bio,email']],
    ['select case when active then bio else $1 end from users', ['users() active,bio'], ['x']],
    ["select date_trunc('day', created_at)::date from articles", ['articles() created_at']],
    [
      "select created_at at time zone 'UTC' at time zone 'Europe/Berlin' from articles",
      ['articles() created_at'],
    ],
    [
      'select created_at from articles where created_at > $1',
      ['articles(created_at > 2024-01-01 00:00:00+00) created_at'],
      ['2024-01-01'],
    ],
    ['select shout from articles where id = 1', ['articles(id=1) *']],
    ["select id from users where username = 'today'", ['users(username=today) id,username']],
    ['select id from users where username = $1', ['users(username=now) id,username'], ['now']],
  ],
  'SQL and JSON': [
    ["select json_object('a': username, 'b': bio) from users", ['users() bio,username']],
    ['select json_array(username, id) from users', ['users() id,username']],
    ['select json_array(select username from users where id = 1)', ['users(id=1) id,username']],
    [
      'select json_arrayagg(username order by id) filter (where active) from users',
      ['users() active,id,username'],
    ],
    ['select json_objectagg(username: bio) from users', ['users() bio,username']],
    ["select json_value(bio, '$.a' returning int default id on empty) from users", ['users() bio,id']],
    ["select json_query(bio, '$.a' passing id as x), json_exists(bio, '$.b') from users", ['users() bio,id']],
    ['select json(bio), json_scalar(id), json_serialize(json(email)) from users', ['users() bio,email,id']],
    ['select bio is json object from users', ['users() bio']],
    [
      `select t.n, username from users, json_table(bio, '$[*]' columns (n int path '$.n', nested path '$.x[*]' columns (y text))) t
       where users.id = 1 and y = 'a'`,
      ['users(id=1) bio,id,username'],
    ],
    ["select jsonb_path_query(to_jsonb(u), '$.a') from users u where id = 1", ['users(id=1) *']],
    ["select bio::jsonb ->> 'a', bio::json #> '{a,b}' from users", ['users() bio']],
  ],
  'rows, lists and levels': [
    ['select (u).bio from users u where (u).id = 1', ['users(id=1) bio,id']],
    ['select (home).city from places where id = 1', ['places(id=1) home,id']],
    ['select 1 from users where (id, username) in ((1, $1), (2, $2))', ['users() id,username'], ['a', 'b']],
    ['select 1 from users where (id, username) > (1, $1)', ['users(id >= 1) id,username'], ['a']],
    ["select to_date(bio, 'YYYY-MM-DD'), make_date(id, 1, 1) from users", ['users() bio,id']],
    ['select bio, count(*), grouping(bio) from users group by grouping sets ((bio), ())', ['users() bio']],
    [
      'select sum(id) over w from users window w as (partition by bio order by email)',
      ['users() bio,email,id'],
    ],
    ['select array(select id from users where active)', ['users(active=t) active,id']],
    ['select v.a from (values (1, 2), (3, 4)) as v(a, b)', []],
    ['select "u"."id" from "public"."users" as "u" where "u"."id" = $1', ['users(id=9) id'], [9]],
    ['select id from "Odd" where "The Key" = 4', ['Odd(The Key=4) The Key,id']],
    [
      'select 1 from users u where id in (select author_id from articles where author_id = u.id and id = 2) and id = 4',
      ['users(id=4) id', 'articles(author_id=4 id=2) author_id,id'],
    ],
    [
      'with recursive tree(id, n) as (select id, 1 from comments where id = 5 union all select c.id, n + 1 from comments c, tree where c.author_id = tree.id) select n from tree where id = 7',
      ['comments(id=5) id', 'comments() author_id,id'],
    ],
  ],
  'partitions and children': [
    ['select a from parts_1 where id = 1', ['parts_1(id=1) a,id']],
    ['select a from split where id = 1', ['split(id=1) a,id']],
    ['select a from split_1 where id = 1', ['split_1(id=1) a,id']],
    ['select a from parents where id = 1', ['parents(id=1) a,id']],
    ['select b from children where id = 1', ['children(id=1) b,id']],
    ['select parents from parents where id = 1', ['parents(id=1) *']],
  ],
  'tables at the table step': [
    ['select a from keyed where id = 1', ['keyed() *']],
    // One of its partitions has no full identity.
    ['select a from parts where id = 1', ['parts() *']],
    ['select a from parts_2 where id = 1', ['parts_2() *']],
  ],
}

Object.assign(tables, {
  'what is said of outputs': [
    ['select s.id from (select id, bio from users) s where s.id = 1', ['users(id=1) id']],
    ['select * from (select id, bio from users) s where id = 1', ['users(id=1) bio,id']],
    ['select x from (select * from users) s(x) where x = 1', ['users(id=1) id']],
    ['select s from (select id, bio from users) s where id = 1', ['users(id=1) bio,id']],
    ['select id from (select distinct id, bio from users) s where id = 1', ['users(id=1) bio,id']],
    ['select id from (select id from users limit 3) s where id = 1', ['users() id']],
    ['select id from (select distinct on (bio) id from users) s where id = 1', ['users() bio,id']],
    ['select id from (select id, rank() over (order by bio) from users) s where id = 1', ['users() bio,id']],
    ['select id from (select max(id) as id from users) s where id = 1', ['users() id']],
    ['select n from (select id, count(*) as n from users group by id) s where id = 1', ['users(id=1) id']],
    [
      'select n from (select id, bio, count(*) as n from users group by rollup (id, bio)) s where id = 1',
      ['users() bio,id'],
    ],
    [
      'select n from (select username as n, bio from users union select body, slug from articles) s where n = $1',
      ['users() bio,username', 'articles() body,slug'],
      ['x'],
    ],
    // Named by an output's own name or number, a column that nobody outside names counts as well.
    ['select id from (select id, bio as b from users order by b) s', ['users() bio,id']],
    ['select id from (select id, bio from users order by 2) s', ['users() bio,id']],
    ['select id from (select id, bio from users order by email) s', ['users() email,id']],
    // ON says nothing of the preserved side, and what an outer join fills in is no row.
    [
      'select s.id from (select id from users) s left join comments c on c.author_id = s.id and s.id = 1',
      ['users() id', 'comments(author_id=1) author_id'],
    ],
    [
      `select 1 from (select a.id as a, c.id as c, c.author_id from articles a left join comments c on c.article_id = a.id) s
       where s.author_id = 4`,
      ['articles() id', 'comments(author_id=4) article_id,author_id'],
    ],
    [
      'select 1 from (select id, author_id from articles) s join users u on u.id = s.author_id where u.id = 6',
      ['articles(author_id=6) author_id', 'users(id=6) id'],
    ],
    [
      'select 1 from (select id as k from users) s join (select article_id as k from comments) c using (k) where c.k = 2',
      ['users(id=2) id', 'comments(article_id=2) article_id'],
    ],
    [
      'select (select count(*) from comments c where c.author_id = s.id) from (select id from users) s where s.id = 3',
      ['users(id=3) id', 'comments(author_id=3) author_id'],
    ],
    // Each reference to a CTE is narrowed by what is said of that one.
    [
      'with c as (select id, bio, email from users) select a.bio from c a, c b where a.id = 1 and b.id = 2',
      ['users(id=1) bio,id', 'users(id=2) id'],
    ],
    [
      'with a as (select * from users), b as (select id, bio from a where active) select bio from b where id = 5',
      ['users(active=t id=5) active,bio,id'],
    ],
    [
      `with c as (select id from users) select 1 from c c1, c c2, c c3, c c4, c c5 where c1.id = 1 and c2.id = 1
       and c3.id = 1 and c4.id = 1 and c5.id = 1`,
      [...Array(4).fill('users(id=1) id'), 'users() id'],
    ],
    ['select exists (select id, bio from users where username = $1)', ['users(username=u) username'], ['u']],
  ],
  views: [
    ['select username from active_users where id = 3', ['users(active=t id=3) active,id,username']],
    [
      'select v.id from active_users v where v.username = $1',
      ['users(active=t username=a) active,id,username'],
      ['a'],
    ],
    ['select * from active_users', ['users(active=t) active,bio,email,id,mood,token,username']],
    [
      'select articles from active_authors where author = 2',
      ['users(active=t id=2) active,id', 'articles(author_id=2) author_id'],
    ],
    [
      'select articles from per_author where author_id = 2',
      ['articles(author_id=2 published=t) author_id,published'],
    ],
    ['select id from newest where slug = $1', ['articles() created_at,id,slug'], ['s']],
    ['select bio from other.users_of where id = 7', ['users(id=7) bio,id', 'other.users(id=7) id']],
    [
      'select n from active_authors as v(a, n) where a = 1',
      ['users(active=t id=1) active,id,username', 'articles(author_id=1) author_id'],
    ],
    ['select 1 from moods where id = 1', ['users(email=e id=1 mood=good|bad) active,email,id,mood,username']],
    [
      'select a.title from articles a join active_users u on u.id = a.author_id where u.id = 3',
      ['articles(author_id=3) author_id,title', 'users(active=t id=3) active,id'],
    ],
  ],
} satisfies typeof tables)

for (const [group, rows] of Object.entries(tables)) {
  describe(group, () => {
    it.each(rows)('%s', (text, dependencies, values) => {
      expect(reads(text, values).sort()).toEqual([...dependencies].sort())
    })
  })
}

describe('not cacheable', () => {
  it.each([
    ['select now()', /now\(\)/, false],
    ['select current_date', /CURRENT_DATE/, false],
    ['select current_user', /CURRENT_USER/, false],
    ['select random()', /random\(\)/, false],
    ["select nextval('s')", /nextval/, true],
    ["select set_config('search_path', 'x', false)", /set_config/, false],
    ["select current_setting('x')", /current_setting/, false],
    ["select id from articles where created_at > 'yesterday'", /yesterday/, false],
    ["select 'today'::date", /today/, false],
    ['select body::date from articles', /today/, false],
    ["select json_value(bio, '$.d' returning date) from users", /today/, false],
    ["select * from users, json_table(bio, '$[*]' columns (d timestamptz path '$.d')) t", /today/, false],
    ['select (home).upper from places', /composite/, true],
    ['select created_at::timetz from articles', /timetz/, false],
    ["select created_at::time at time zone 'Europe/Berlin' from articles", /time of day/, false],
    ["select date('now')", /now/, false],
    ['select shady(1)', /shady/, true],
    ['select initcap(username) from users', /initcap/, true],
    ['select other.lower(username) from users', /lower/, true],
    ['select age(created_at) from articles', /age/, false],
    ['select * from users tablesample system (10)', /TABLESAMPLE/, false],
    ['select * from users for update', /locked/, false],
    ['select * from fenced', /security_barrier/, true],
    ['select * from views_now', /now\(\)/, false],
    ['select * from views_shady', /shady/, true],
    ['select * from views_guarded', /row-level/, true],
    ['select * from views_catalog', /system catalog pg_class/, true],
    ['select * from user_names', /materialized/, false],
    ['select * from pg_class', /catalog/, false],
    ['select * from information_schema.tables', /catalog/, false],
    ['select * from hidden', /publication/, false],
    ['select * from scratch', /unlogged/, false],
    ['select * from filtered', /publication/, false],
    ['select * from guarded', /row-level/, true],
    ['select * from nowhere', /nowhere/, true],
    ['select u.nothing from users u', /nothing/, true],
    ['select nothing from users u', /nothing/, true],
    ["select 'users'::regclass", /regclass/, false],
    ['select * into copy from users', /creates/, true],
    ['select * from pg_ls_dir($1)', /pg_ls_dir/, true],
    ["select * from json_to_record('{}') as x(d date)", /today/, false],
    ['select query_to_xml($1, true, true, $2)', /query_to_xml/, true],
    ['explain select 1', /EXPLAIN/, false],
    ['fetch all from c', /FETCH/, false],
    ['select 1 from', /parsed/, true],
  ] as const)('%s', (text, reason, mayWrite) => {
    const analysis = analyzer.analyze(text, session)
    expect(analysis.kind).toBe('opaque')
    expect(analysis.reasons.join('; ')).toMatch(reason)
    expect(analysis.mayWrite).toBe(mayWrite)
    expect(analysis.templates).toEqual([])
  })

  it.each([
    'insert into users values (1)',
    'update users set bio = $1',
    'delete from users',
    'with x as (delete from users returning id) select * from x',
    'create table t (id int)',
    'truncate users',
    'call p()',
    'do $$ begin end $$',
    'copy users to stdout',
    'lock users',
    'execute p',
    'merge into users u using articles a on true when matched then delete',
    'explain analyze delete from users',
    'select 1; drop table users',
    'notify x',
  ])('%s may write', text => {
    const analysis = analyzer.analyze(text, session)
    expect(['write', 'opaque']).toContain(analysis.kind)
    expect(analysis.mayWrite).toBe(true)
    expect(analysis.reasons).not.toEqual([])
  })

  it.each([
    ['begin', 'transaction'],
    ['savepoint a', 'transaction'],
    ['commit', 'transaction'],
    ['set x.y = 1', 'session'],
    ['show all', 'session'],
    ['prepare p as select 1', 'session'],
  ])('%s is of kind %s', (text, kind) => {
    expect(analyzer.analyze(text, session)).toMatchObject({ kind, mayWrite: false })
  })
})
