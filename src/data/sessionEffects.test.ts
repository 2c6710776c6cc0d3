import { expect, test } from 'vitest'
import { sessionEffects } from './sessionEffects.ts'

test.each([
  'set search_path = other',
  'SET SESSION timezone TO 1',
  'select 1; set role bob',
  '/* a comment */ set role bob',
  "select set_config('search_path', 'x', false)",
  "select set_config('a.b', $1, $2)",
  'create temp table t (n int)',
  'CREATE TEMPORARY VIEW v AS select 1',
  'create table pg_temp.t (n int)',
  'select 1 as n into temp t',
  'reset search_path',
  'do $$ begin end $$',
  'call refresh()',
  'prepare p as select 1',
  'declare c cursor with hold for select 1',
  "select '--'; set role admin",
  "select '--'; /* */ set role admin",
  "select '/*'; set search_path to x; select '*/'",
  "select e'\\'--'; -- '\n set role admin",
  'select $a$ -- $a$; /* /* */ ; */ set role admin',
  'select "--"; -- x\n set role admin',
  "select '''--'; -- x\n set role admin",
])('%s alters the session', text => {
  expect(sessionEffects(text).alters).toBe('session')
})

test.each([
  'set local search_path = other',
  "select set_config('app.user', $1, true)",
  "set transaction snapshot '0001'",
  'declare c cursor for select 1',
])('%s alters the transaction', text => {
  expect(sessionEffects(text).alters).toBe('transaction')
})

test.each([
  'select 1',
  'update t set n = 1',
  'update t set temp = 1 where reset = 2',
  'set transaction isolation level serializable',
  'begin isolation level repeatable read',
  "insert into t values ('set')",
  'prepare transaction $1',
  "select '--' -- set role admin",
  'update t -- the comment\n set n = 1',
  '/* a */ select 1 /* /* set */ role */',
])('%s alters nothing', text => {
  expect(sessionEffects(text).alters).toBe('nothing')
})

test('DISCARD ALL makes the connection as new', () => {
  expect(sessionEffects('discard all')).toEqual({ alters: 'nothing', resets: true, forgetsStatements: true })
  expect(sessionEffects('discard all; -- set role admin').resets).toBe(false)
  expect(sessionEffects('deallocate all').forgetsStatements).toBe(true)
})
