import { EventEmitter, once } from 'node:events'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openReplication } from '../data/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { readEnvelope, statusUpdate } from './envelope.ts'
import { decodePgoutput, type PgoutputMessage, peekRow, unchanged } from './pgoutput.ts'

let database: TestDatabase
/** Every message that the walsender sent, as it came off the wire. */
let wire: Buffer[]
let messages: PgoutputMessage[]
/** The same messages as buffers, each with whether it stood in a stream block. */
let captured: { data: Buffer; inStream: boolean }[]

beforeAll(async () => {
  database = await testDatabase(`
    create type mood as enum ('sad', 'fine');
    create table plain (id int primary key, name text, mood mood);
    create table "Odd ""Name" (id int primary key, body text);
    create table keyed (id int primary key, name text);
    create table bulk (id int, filler text);
    alter table plain replica identity full;
    alter table "Odd ""Name" replica identity full;
    alter table bulk replica identity full;
    create publication p for all tables`)
  wire = await capture(async told => {
    await database.query(`insert into plain values (1, 'one', 'fine'), (2, null, null)`)
    await database.query(`update plain set name = 'uno' where id = 1`)
    await database.query('delete from plain where id = 2')
    await database.query(
      `insert into "Odd ""Name" select 1, string_agg(md5(n::text), '') from generate_series(1, 999) n`,
    )
    await database.query(`update "Odd ""Name" set id = 2`)
    await database.query(
      `insert into keyed values (1, 'a'); update keyed set name = 'b'; update keyed set id = 2; delete from keyed`,
    )
    await database.query('truncate plain, keyed')
    await database.query(`select pg_logical_emit_message(true, 'quintet.ddl', 'Ünïcode')`)
    await database.query(`select pg_replication_origin_create('elsewhere')`)
    await database.query(`
      select pg_replication_origin_session_setup('elsewhere'); begin;
      select pg_replication_origin_xact_setup('0/AABBCCDD', now());
      insert into keyed values (7, 'from elsewhere'); commit; select pg_replication_origin_session_reset()`)
    await database.query(`
      begin; insert into bulk select n, repeat('x', 100) from generate_series(1, 2000) n;
      savepoint one; insert into bulk select -n, repeat('y', 100) from generate_series(1, 2000) n; rollback to one;
      select pg_logical_emit_message(true, 'mid', 'stream'); truncate keyed; delete from bulk where id < 10; commit`)
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    await client.query(`begin; insert into bulk select n, repeat('z', 100) from generate_series(1, 3000) n`)
    await database.query(`select pg_logical_emit_message(true, 'flush', '')`)
    // Only once part of it has been streamed does its rollback have to be told.
    await told('zzz')
    await client.query('rollback')
    await client.end()
  })
  captured = []
  messages = []
  let inStream = false
  for (const bytes of wire) {
    const envelope = readEnvelope(bytes)
    if (envelope.tag !== 'data') continue
    const message = decodePgoutput(envelope.data, inStream)
    captured.push({ data: envelope.data, inStream })
    messages.push(message)
    if (message.tag === 'streamStart') inStream = true
    if (message.tag === 'streamStop') inStream = false
  }
})
afterAll(async () => {
  await database.query(`select pg_replication_origin_drop('elsewhere')`)
  await database.close()
})

/** Records the replication stream of what `work` does. */
async function capture(work: (told: (text: string) => Promise<void>) => Promise<void>): Promise<Buffer[]> {
  const url = new URL(database.url)
  url.searchParams.set('options', '-c logical_decoding_work_mem=64kB')
  const replication = await openReplication(url.href)
  await replication.query('CREATE_REPLICATION_SLOT capture TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT')
  const bytes: Buffer[] = []
  const arrivals = new EventEmitter()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
  let asked = false
  await replication.start(
    `START_REPLICATION SLOT capture LOGICAL 0/0 (proto_version '2', streaming 'on', messages 'true', publication_names 'p')`,
    message => {
      bytes.push(Buffer.from(message))
      arrivals.emit('message')
      if (message.includes('capture.end')) end()
      if (asked && message[0] === 0x6b) answer()
    },
  )
  await work(async text => {
    while (!bytes.some(message => message.includes(text))) await once(arrivals, 'message')
  })
  await database.query(`select pg_logical_emit_message(false, 'capture.end', '')`)
  await database.query(`select pg_logical_emit_message(true, 'flush', '')`)
  await ended
  asked = true
  replication.send(statusUpdate(0n, { reply: true, nowMs: 0 }))
  await answered
  await replication.close()
  return bytes
}

function rowsOf(tag: 'insert' | 'update' | 'delete', relation: string): PgoutputMessage[] {
  const oids = messages.flatMap(message =>
    message.tag === 'relation' && message.name === relation ? [message.oid] : [],
  )
  return messages.filter(message => message.tag === tag && oids.includes(message.relation))
}

test('every kind of message of the protocol occurs in what was captured', () => {
  expect([...new Set(messages.map(message => message.tag))].sort()).toEqual([
    'begin',
    'commit',
    'delete',
    'insert',
    'message',
    'origin',
    'relation',
    'streamAbort',
    'streamCommit',
    'streamStart',
    'streamStop',
    'truncate',
    'type',
    'update',
  ])
})

test('relations carry their name, identity and columns', () => {
  const relations = messages.filter(message => message.tag === 'relation')
  expect(relations.find(relation => relation.name === 'plain')).toMatchObject({
    schema: 'public',
    identity: 'f',
    columns: ['id', 'name', 'mood'],
  })
  expect(relations.find(relation => relation.name === 'Odd "Name')).toMatchObject({ columns: ['id', 'body'] })
  expect(relations.find(relation => relation.name === 'keyed')).toMatchObject({ identity: 'd' })
})

test('rows carry what the replica identity gives', () => {
  expect(rowsOf('insert', 'plain')).toMatchObject([{ new: ['1', 'one', 'fine'] }, { new: ['2', null, null] }])
  expect(rowsOf('update', 'plain')).toMatchObject([
    { old: ['1', 'one', 'fine'], oldIsKey: false, new: ['1', 'uno', 'fine'] },
  ])
  expect(rowsOf('delete', 'plain')).toMatchObject([{ old: ['2', null, null], oldIsKey: false }])
  const [name, key] = rowsOf('update', 'keyed')
  expect(name).toMatchObject({ oldIsKey: false, new: ['1', 'b'] })
  expect(name).not.toHaveProperty('old')
  expect(key).toMatchObject({ old: ['1', null], oldIsKey: true, new: ['2', 'b'] })
  expect(rowsOf('delete', 'keyed')).toMatchObject([{ old: ['2', null], oldIsKey: true }])
})

test('an unchanged TOASTed value is marked in the new row and whole in the old one', () => {
  const [update] = rowsOf('update', 'Odd "Name')
  if (update?.tag !== 'update') throw new Error('no update')
  expect(update.new).toEqual(['2', unchanged])
  expect(update.old?.[1]).toHaveLength(999 * 32)
})

test('a streamed transaction names its own and its subtransactions', () => {
  const commit = messages.find(message => message.tag === 'streamCommit')
  const abort = messages.find(message => message.tag === 'streamAbort')
  if (commit?.tag !== 'streamCommit' || abort?.tag !== 'streamAbort') throw new Error('nothing was streamed')
  expect(abort.xid).toBe(commit.xid)
  expect(abort.subxid).not.toBe(abort.xid)
  const inserts = rowsOf('insert', 'bulk').filter(message => 'xid' in message && message.xid === commit.xid)
  expect(inserts).toHaveLength(2_000)
  expect(messages).toContainEqual({
    tag: 'message',
    xid: commit.xid,
    transactional: true,
    prefix: 'mid',
    content: 'stream',
  })
  expect(messages.filter(message => message.tag === 'truncate' && message.xid !== undefined)).toHaveLength(1)
  // The last transaction was rolled back as a whole.
  expect(messages.filter(m => m.tag === 'streamAbort' && m.xid === m.subxid)).toHaveLength(1)
})

test('commits end where the server says the log was', async () => {
  const commits = messages.filter(message => message.tag === 'commit')
  for (const [index, commit] of commits.entries()) {
    expect(commit.endLsn).toBeGreaterThan(commits[index - 1]?.endLsn ?? 0n)
    expect(Math.abs(commit.committedAt - Date.now())).toBeLessThan(60_000)
  }
})

test('peeking at a row names the same relation and transaction as decoding it', () => {
  for (const [index, { data, inStream }] of captured.entries()) {
    const message = messages[index]
    const row =
      message?.tag === 'insert' || message?.tag === 'update' || message?.tag === 'delete'
        ? message
        : undefined
    const expected = row && (inStream ? { relation: row.relation, xid: row.xid } : { relation: row.relation })
    expect(peekRow(data, inStream)).toEqual(expected)
  }
})

test('a message cut short anywhere is refused, never half understood', () => {
  const kinds = new Map(
    captured.filter(({ data }) => data.length < 500).map(c => [`${c.data[0]} ${c.inStream}`, c]),
  )
  fc.assert(
    fc.property(fc.constantFrom(...kinds.values()), fc.nat(), ({ data, inStream }, cut) => {
      // Nothing of Origin and Type is read.
      fc.pre(data[0] !== 0x4f && data[0] !== 0x59)
      expect(() => decodePgoutput(data.subarray(0, cut % data.length), inStream)).toThrow(RangeError)
    }),
  )
})

test('an unknown kind of message is refused', () => {
  expect(() => decodePgoutput(Buffer.from('?'), false)).toThrow(/unknown kind/)
  expect(() => readEnvelope(Buffer.from('?'))).toThrow(/unknown kind/)
})

test('any text survives the way through the log', async () => {
  const texts = fc
    .sample(fc.string({ unit: 'grapheme', maxLength: 200 }), 200)
    .map(text => text.replaceAll('\0', ''))
  const bytes = await capture(async () => {
    await database.query(
      'insert into plain select n, t from unnest($1::text[]) with ordinality as rows (t, n)',
      [texts],
    )
  })
  const names: unknown[] = []
  for (const message of bytes) {
    const envelope = readEnvelope(message)
    if (envelope.tag !== 'data' || envelope.data[0] !== 0x49) continue
    const insert = decodePgoutput(envelope.data, false)
    if (insert.tag === 'insert') names.push(insert.new[1])
  }
  expect(names).toEqual(texts)
})
