import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { openReplication } from './replication.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase(`
    create table notes (id int primary key, at timestamptz);
    create publication p for table notes`)
})
afterAll(() => database.close())

test('streams what is committed, as text under the pinned settings, and takes status updates', async () => {
  const replication = await openReplication(database.url)
  const [slot] = await replication.query(
    'CREATE_REPLICATION_SLOT one TEMPORARY LOGICAL pgoutput (SNAPSHOT $$nothing$$)'.replaceAll('$$', "'"),
  )
  expect(slot?.slot_name).toBe('one')

  const seen: string[] = []
  const inserted = Promise.withResolvers<Buffer>()
  await replication.start(
    `START_REPLICATION SLOT one LOGICAL 0/0 (proto_version '1', publication_names 'p')`,
    message => {
      const kind = String.fromCharCode(message[0] ?? 0)
      const inner = kind === 'w' ? String.fromCharCode(message[25] ?? 0) : ''
      seen.push(kind + inner)
      if (inner === 'I') inserted.resolve(Buffer.from(message))
    },
  )
  await database.query(
    `set timezone = 'Asia/Tokyo'; insert into notes values (1, '2020-01-02 03:04:05.678901+09')`,
  )
  expect((await inserted.promise).toString('latin1')).toContain('2020-01-01 18:04:05.678901+00')
  expect(seen).toContain('wB')

  // A status update that asks for a reply is answered by a keepalive.
  const before = seen.filter(kind => kind === 'k').length
  const status = Buffer.alloc(34)
  status.write('r')
  status[33] = 1
  replication.send(status)
  await expect
    .poll(() => seen.filter(kind => kind === 'k').length, { timeout: 10_000 })
    .toBeGreaterThan(before)

  const ends: unknown[] = []
  replication.onClose(error => ends.push(error))
  await replication.close()
  await replication.close()
  expect(ends).toEqual([undefined])
  await expect
    .poll(
      async () => (await database.query(`select from pg_replication_slots where slot_name = 'one'`)).rowCount,
      { timeout: 10_000 },
    )
    .toBe(0)
})

test('says so when the server ends the connection', async () => {
  const replication = await openReplication(database.url, { applicationName: 'doomed' })
  const ended = Promise.withResolvers<Error | undefined>()
  replication.onClose(ended.resolve)
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed'`,
  )
  expect(await ended.promise).toBeInstanceOf(Error)
})

test('a command that fails rejects', async () => {
  const replication = await openReplication(database.url)
  await expect(replication.start('START_REPLICATION SLOT none LOGICAL 0/0', () => {})).rejects.toThrow(
    'does not exist',
  )
  await replication.close()
})

test('an unreachable server is named, without the password', async () => {
  const failing = openReplication('postgres://me:hush@127.0.0.1:1/app', { origin: 'settings/base.ts' })
  await expect(failing).rejects.toThrow(
    /DATA_UNREACHABLE: PostgreSQL at 127\.0\.0\.1:1 \(settings\/base\.ts\)/,
  )
  await expect(failing).rejects.not.toThrow(/hush/)
})
