import { expect, test } from 'vitest'
import { StatementNames } from './statements.ts'

test('a text is named from its second use on, always the same', () => {
  const names = new StatementNames()
  expect(names.use('select 1', false)).toBeUndefined()
  const name = names.use('select 1', false)
  expect(name).toMatch(/^q_[\w-]{22}$/)
  expect(names.use('select 1', false)).toBe(name)
})

test('what may hold several statements, or plans nothing, is never named', () => {
  const names = new StatementNames()
  for (const text of ['select 1; select 2', 'begin', 'create table t ()', 'set x = 1']) {
    names.use(text, false)
    expect(names.use(text, false)).toBeUndefined()
  }
  names.use("select ';' || $1", true)
  expect(names.use("select ';' || $1", true)).toBeDefined()
})

test('the least recently used text loses its name', () => {
  const names = new StatementNames(2)
  const twice = (text: string): string => {
    names.use(text, false)
    return names.use(text, false) ?? ''
  }
  const a = twice('select 1')
  const b = twice('select 2')
  twice('select 1')
  twice('select 3')
  expect([names.keeps(a), names.keeps(b)]).toEqual([true, false])
})
