import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { expect, it } from 'vitest'
import { testDatabase } from '../testing/database.ts'
import { createDatabase } from './database.ts'
import { missingFromDatabase } from './missingModels.ts'

it('names the tables and columns that no migration has made', async () => {
  const { url, close } = await testDatabase('create table lists (id integer)')
  const database = createDatabase({ url })
  const lists = pgTable('lists', { id: integer('id'), title: text('title') })
  const todos = pgTable('todos', { id: integer('id') })
  expect(await missingFromDatabase(database, { lists, todos, other: {} })).toEqual(['lists.title', 'todos'])
  await database.query('alter table lists add title text; create table todos (id integer)')
  expect(await missingFromDatabase(database, { lists, todos })).toEqual([])
  await database.close()
  await close()
})
