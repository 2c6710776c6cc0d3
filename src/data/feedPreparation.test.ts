import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { checkDatabase } from './check.ts'
import { createDatabase, type Database } from './database.ts'
import { prepareFeed } from './feedPreparation.ts'
import { openReplication } from './replication.ts'

let server: TestDatabase
let database: Database
beforeEach(async () => {
  server = await testDatabase(`
    create table plain (id int primary key, n int, doubled int generated always as (n * 2) stored);
    create table computed (id int primary key, n int, doubled int generated always as (n * 2) virtual);
    create table keyless (n int, doubled int generated always as (n * 2) virtual);
    create table days (day date) partition by range (day);
    create table days_1 partition of days for values from ('2020-01-01') to ('2021-01-01');
    create schema shop;
    create table shop.items (id int);
    create unlogged table scratch (id int);
    create view seen as select * from plain`)
  database = createDatabase({ url: server.url, poolMax: 1 })
})
afterEach(async () => {
  await database.close()
  await server.close()
})

const published = async () =>
  (
    await server.query<{ t: string }>(
      `select schemaname || '.' || tablename as t from pg_publication_tables where pubname = 'quintet' order by 1`,
    )
  ).rows.map(row => row.t)

test('publishes the ordinary tables with whole rows, and leaves the app able to write', async () => {
  const done = await prepareFeed(database, 'quintet')
  expect(done.tables).toEqual(['public.computed', 'public.days', 'public.plain', 'shop.items'])
  expect(done.notes).toEqual([expect.stringContaining('public.keyless: not published')])
  expect(await published()).toEqual(['public.computed', 'public.days_1', 'public.plain', 'shop.items'])
  const { rows } = await server.query(
    `select relname, relreplident from pg_class where relname in ('plain', 'computed', 'days_1', 'items') order by 1`,
  )
  expect(rows.map(row => row.relreplident)).toEqual(['d', 'f', 'f', 'f'])
  for (const table of ['plain', 'computed', 'keyless']) {
    await server.query(
      `insert into ${table} (n${table === 'keyless' ? '' : ', id'}) values (1${table === 'keyless' ? '' : ', 1'})`,
    )
    await server.query(`update ${table} set n = 2`)
    await server.query(`delete from ${table}`)
  }
})

test('running it again changes nothing; new tables and hand-made filters are put right', async () => {
  await prepareFeed(database, 'quintet')
  const asked: string[] = []
  const query: Database['internal']['query'] = (text, values) => {
    asked.push(text)
    return database.internal.query(text, values)
  }
  await prepareFeed({ internal: { query } }, 'quintet')
  expect(asked.length).toBeGreaterThan(3)
  expect(asked.filter(text => !/^\s*select/.test(text))).toEqual([])

  await server.query('create table later (id int); alter publication quintet set table plain where (id > 5)')
  await prepareFeed(database, 'quintet')
  expect(await published()).toContain('public.later')
  const filters = await server.query(`select from pg_publication_rel where prqual is not null`)
  expect(filters.rowCount).toBe(0)
})

test('changes of the schema are announced in the log; what can not matter is not', async () => {
  await server.query('create materialized view sums as select n from plain; create unique index on sums (n)')
  await prepareFeed(database, 'quintet')
  const replication = await openReplication(server.url)
  await replication.query(`CREATE_REPLICATION_SLOT one TEMPORARY LOGICAL pgoutput (SNAPSHOT 'nothing')`)
  const tags: string[] = []
  const last = Promise.withResolvers<void>()
  await replication.start(
    `START_REPLICATION SLOT one LOGICAL 0/0 (proto_version '1', publication_names 'quintet', messages 'true')`,
    message => {
      if (String.fromCharCode(message[0] ?? 0, message[25] ?? 0) !== 'wM') return
      const body = message.toString('utf8', 35)
      const tag = body.slice(body.indexOf('\0') + 5)
      if (body.startsWith('last')) last.resolve()
      else tags.push(tag)
    },
  )
  await server.query('create temp table t (id serial primary key); drop table t')
  await server.query(
    'create temp table t as select * from plain; create index on t (n); alter table t add z int',
  )
  await server.query('create temp view tv as select 1; create temp sequence ts; drop view tv; discard temp')
  await server.query('refresh materialized view sums')
  await server.query('refresh materialized view concurrently sums')
  for (const upkeep of ['vacuum full plain', 'analyze plain', 'reindex table concurrently plain'])
    await server.query(upkeep)
  await server.query(
    `create statistics sums_n on id, n from plain; comment on table plain is 'plain'; drop statistics sums_n`,
  )
  await server.query('create table if not exists plain (id int)')
  await server.query('alter table shop.items alter column id type text using id::text')
  await server.query('drop view seen')
  await server.query('create or replace view seen as select 1 as n')
  await server.query(`set session_replication_role = replica; create index on plain (n)`)
  await server.query('drop table if exists nothing')
  const alterations = [
    'rename n to m',
    'rename to simple',
    'set schema shop',
    'owner to current_user',
    'enable row level security',
    'alter m set default 3',
    'replica identity default',
    'add check (m > 0) not valid',
  ]
  let table = 'plain'
  for (const alteration of alterations) {
    await server.query(`alter table ${table} ${alteration}`)
    if (alteration.includes('simple')) table = 'simple'
    if (alteration.includes('shop')) table = 'shop.simple'
  }
  await server.query('alter table days detach partition days_1')
  await server.query(`select pg_logical_emit_message(false, 'last', '')`)
  await last.promise
  await replication.close()
  expect(tags).toEqual([
    'ALTER TABLE',
    'DROP VIEW',
    'CREATE VIEW',
    'CREATE INDEX',
    ...alterations.map(() => 'ALTER TABLE'),
    'ALTER TABLE',
  ])
})

test('a role that may not create event triggers gets the rest, and is told', async () => {
  const role = `owner_${server.name}`
  await server.query(`create role ${role} login password 'x';
    grant create on database ${server.name} to ${role}; grant create, usage on schema public to ${role};
    alter table plain owner to ${role}; drop table computed, keyless, days, shop.items`)
  const url = new URL(server.url)
  url.username = role
  url.password = 'x'
  const owner = createDatabase({ url: url.href, poolMax: 1 })
  try {
    const done = await prepareFeed(owner, 'quintet')
    expect(done).toMatchObject({ tables: ['public.plain'], announcesDdl: false })
    expect(done.notes.join()).toContain('may not create event triggers')
    expect((await owner.query('select count(*)::int as n from plain')).rows).toEqual([{ n: 0 }])
    expect((await server.query(`select from pg_namespace where nspname = 'quintet_feed'`)).rowCount).toBe(0)
  } finally {
    await owner.close()
    await server.query(`drop owned by ${role} cascade; drop role ${role}`)
  }
})

test('the server is checked for what the feed needs', async () => {
  expect(await checkDatabase(database)).toMatchObject({ version: expect.any(Number), maxConnections: 200 })
  const answering = (settings: Record<string, string>) =>
    ({
      internal: {
        query: async () => ({ rows: Object.entries(settings).map(([name, setting]) => ({ name, setting })) }),
      },
    }) as unknown as Database
  const good = {
    server_version: '15.2',
    server_version_num: '150002',
    wal_level: 'logical',
    max_replication_slots: '1',
    max_wal_senders: '1',
  }
  await expect(checkDatabase(answering({ ...good, server_version_num: '140001' }))).rejects.toThrow(
    'DATA_VERSION',
  )
  await expect(checkDatabase(answering({ ...good, wal_level: 'replica' }))).rejects.toThrow(
    /DATA_WAL_LEVEL.*is replica/,
  )
  await expect(checkDatabase(answering({ ...good, max_wal_senders: '0' }))).rejects.toThrow(
    /DATA_REPLICATION_SLOTS.*max_wal_senders/,
  )
})
test('a role that may not replicate is refused, with the remedy', async () => {
  const role = `plain_${Math.random().toString(36).slice(2)}`
  const owner = createDatabase({ url: database.url })
  await owner.query(`create role ${role} login password 'x'`)
  const url = new URL(database.url)
  url.username = role
  url.password = 'x'
  const plain = createDatabase({ url: url.href })
  await expect(checkDatabase(plain)).rejects.toThrow(
    `DATA_REPLICATION_PRIVILEGE: The database role "${role}" may not replicate`,
  )
  await owner.query(`alter role ${role} replication`)
  expect((await checkDatabase(plain)).version).toBeGreaterThan(0)
  await plain.close()
  await owner.query(`drop role ${role}`)
  await owner.close()
})
