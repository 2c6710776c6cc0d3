import { expect, test } from 'vitest'
import { testDatabase } from './database.ts'

test('each test database is fresh, logical and its own', async () => {
  const one = await testDatabase('create table t (n int); insert into t values (1)')
  const two = await testDatabase()
  try {
    expect((await one.query('select n from t')).rows).toEqual([{ n: 1 }])
    await expect(two.query('select n from t')).rejects.toThrow('does not exist')
    expect((await two.query('show wal_level')).rows).toEqual([{ wal_level: 'logical' }])
    expect((await two.query('show server_version_num')).rows[0]?.server_version_num).toMatch(/^18/)
  } finally {
    await one.close()
    await two.close()
  }
})
