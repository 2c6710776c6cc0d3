import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { openDedicated } from './dedicated.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

test('keeps one session, and gives values as text', async () => {
  const connection = await openDedicated(database.url)
  const [first] = await connection.query('select pg_backend_pid() as pid, 1 = 1 as yes, null as nothing')
  expect(first).toEqual({ pid: String(connection.processId), yes: 't', nothing: null })
  const ends: unknown[] = []
  connection.onClose(error => ends.push(error))
  await connection.close()
  await connection.close()
  expect(ends).toEqual([undefined])
})

test('says so when the server ends it', async () => {
  const connection = await openDedicated(database.url)
  const ended = Promise.withResolvers<Error | undefined>()
  connection.onClose(ended.resolve)
  await database.query('select pg_terminate_backend($1)', [connection.processId])
  expect(await ended.promise).toBeInstanceOf(Error)
})

test('an unreachable server is named', async () => {
  await expect(openDedicated('postgres://me:hush@127.0.0.1:1/app')).rejects.toThrow(/DATA_UNREACHABLE/)
})
