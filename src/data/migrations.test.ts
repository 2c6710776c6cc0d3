import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { index, integer, pgTable, text } from 'drizzle-orm/pg-core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { makeMigrations } from './makeMigrations.ts'
import { migrate, pendingMigrations } from './migrate.ts'

let server: TestDatabase
let migrations: string
const publication = 'quintet'
beforeEach(async () => {
  server = await testDatabase()
  migrations = join(mkdtempSync(join(tmpdir(), 'quintet-migrations-')), 'migrations')
})
afterEach(async () => {
  await server.close()
  rmSync(join(migrations, '..'), { recursive: true, force: true })
})

const users = pgTable('users', { id: integer().primaryKey(), name: text().notNull() })
const articles = pgTable('articles', {
  id: integer().primaryKey(),
  author: integer().references(() => users.id),
})
const columns = async (table: string) =>
  (
    await server.query(
      'select column_name from information_schema.columns where table_name = $1 order by 1',
      [table],
    )
  ).rows.map(row => row.column_name)

test("models become SQL in drizzle-kit's format, and are applied once", async () => {
  expect(await migrate({ url: server.url, migrations, publication })).toMatchObject({ applied: [] })
  const made = await makeMigrations({ migrations, models: { users, unrelated: 5 } })
  expect(made?.tag).toBe('0000_initial')
  expect(await makeMigrations({ migrations, models: { users } })).toBeUndefined()
  const second = await makeMigrations({ migrations, models: { users, articles }, name: 'Add articles!' })
  expect(second?.tag).toBe('0001_add_articles')
  expect(readdirSync(migrations).sort()).toEqual(['0000_initial.sql', '0001_add_articles.sql', 'meta'])
  expect(readdirSync(join(migrations, 'meta')).sort()).toEqual([
    '0000_snapshot.json',
    '0001_snapshot.json',
    '_journal.json',
  ])
  const [first, next] = ['0000', '0001'].map(n =>
    JSON.parse(readFileSync(join(migrations, 'meta', `${n}_snapshot.json`), 'utf8')),
  )
  expect(first.prevId).toBe('00000000-0000-0000-0000-000000000000')
  expect(next.prevId).toBe(first.id)

  expect(await pendingMigrations({ url: server.url, migrations })).toEqual([
    '0000_initial',
    '0001_add_articles',
  ])
  // Two at once, as two hosts of one deployment: one does the work, the other finds it done.
  const both = await Promise.all([1, 2].map(() => migrate({ url: server.url, migrations, publication })))
  expect(both.map(one => one.applied.length).sort()).toEqual([0, 2])
  expect(both[0]?.feed).toEqual({
    publication,
    tables: ['public.articles', 'public.users'],
    announcesDdl: true,
    notes: [],
  })
  expect(await columns('articles')).toEqual(['author', 'id'])
  expect(await pendingMigrations({ url: server.url, migrations })).toEqual([])
})

test('a possible rename is refused, or done as drop and add when told so', async () => {
  const wide = pgTable('users', { id: integer().primaryKey(), name: text() }, table => [
    index('by').on(table.name),
  ])
  await makeMigrations({ migrations, models: { wide } })
  await migrate({ url: server.url, migrations, publication })
  const renamed = pgTable('users', { id: integer().primaryKey(), title: text() }, table => [
    index('by').on(table.title),
  ])
  await expect(makeMigrations({ migrations, models: { renamed } })).rejects.toThrow(
    /DATA_RENAME_UNCLEAR.*columns of users: name → title/,
  )
  const made = await makeMigrations({
    migrations,
    models: { renamed, articles: pgTable('articles', { id: integer() }) },
    renames: 'drop',
  })
  expect(made?.statements.join('\n')).toMatch(/DROP COLUMN "name"[\s\S]*ADD COLUMN "title"/)
  await migrate({ url: server.url, migrations, publication })
  expect(await columns('users')).toEqual(['id', 'title'])
  expect(
    (await server.query(`select indexdef from pg_indexes where indexname = 'by'`)).rows[0]?.indexdef,
  ).toContain('(title)')
  expect(
    await makeMigrations({
      migrations,
      models: { renamed, articles: pgTable('articles', { id: integer() }) },
    }),
  ).toBeUndefined()
})

test('a migration that fails is rolled back and named', async () => {
  const made = await makeMigrations({ migrations, models: { users } })
  writeFileSync(made?.file ?? '', 'create table half (); --> statement-breakpoint\nselect nonsense')
  await expect(migrate({ url: server.url, migrations, publication })).rejects.toThrow(
    /DATA_MIGRATION_FAILED.*0000_initial.*column "nonsense" does not exist/,
  )
  expect((await server.query(`select to_regclass('half') as half`)).rows).toEqual([{ half: null }])
})

test('a migration merged late is refused instead of silently skipped', async () => {
  await makeMigrations({ migrations, models: { users } })
  await makeMigrations({ migrations, models: { users, articles } })
  const file = join(migrations, 'meta', '_journal.json')
  const journal = JSON.parse(readFileSync(file, 'utf8'))
  writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(1) }))
  await server.query('create table users (id int primary key)')
  await migrate({ url: server.url, migrations, publication })
  writeFileSync(file, JSON.stringify(journal))
  await expect(migrate({ url: server.url, migrations, publication })).rejects.toThrow(
    /DATA_MIGRATION_SKIPPED.*0000_initial/,
  )
})
