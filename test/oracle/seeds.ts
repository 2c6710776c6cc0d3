import type { OracleCase } from './audit.ts'

/**
 * Every failure ever found by the oracle, in the code or in a copy of it that was broken to see whether it would be,
 * shrunk, as the SQL it was: the grammar may change, these stay.
 */
export const found: readonly (OracleCase & { readonly name: string })[] = [
  {
    name: 'a row that shows NULL is a row, and may go',
    schema:
      'create table t0 (id int primary key, c0 int, c1 text); create table t1 (id int primary key, t0_id int, c1 text)',
    data: `insert into t0 values (5, 1, null); insert into t1 values (1, 1, '')`,
    queries: [
      {
        text: 'select a0.c1 as o0, a1.c1 as o1 from t1 a0 right join t0 a1 on a0.t0_id = a1.c0 where a0.t0_id <= 1',
        values: [],
      },
    ],
    transactions: ['begin; delete from t0 where id = 5; commit'],
  },
  {
    name: 'a condition on an output does not pass a LIMIT',
    schema:
      'create table t0 (id int primary key); create view v0 as select id as o0 from t0 order by id offset 1',
    data: 'insert into t0 values (0), (1), (2), (3)',
    queries: [{ text: 'select o0 from v0 where o0 = $1', values: [1] }],
    transactions: ['delete from t0 where id = 0'],
  },
  {
    name: 'a condition on an output does not pass an aggregate or a window',
    schema: 'create table t0 (id int primary key, c0 int)',
    data: 'insert into t0 values (0, 1), (1, 2)',
    queries: [
      { text: 'select o0 from (select max(id) as o0 from t0) s where o0 = 1', values: [] },
      {
        text: 'select o1 from (select id as o0, rank() over (order by c0) as o1 from t0) s where o0 = 1',
        values: [],
      },
      {
        text: 'select n from (select id, count(*) as n from t0 group by cube (id)) s where id = 1',
        values: [],
      },
    ],
    transactions: ['update t0 set c0 = 5 where id = 0', 'insert into t0 values (2, 3)'],
  },
  {
    name: 'what DISTINCT compares counts, named or not',
    schema: 'create table t0 (id int primary key, c0 int, c1 text)',
    data: `insert into t0 values (0, 1, 'a'), (1, 1, 'a')`,
    queries: [{ text: 'select o0 from (select distinct c0 as o0, c1 as o1 from t0) s', values: [] }],
    transactions: [`update t0 set c1 = 'b' where id = 0`],
  },
  {
    name: 'ON of an outer join says nothing of the side that is kept',
    schema: 'create table t0 (id int primary key, c0 int); create table t1 (id int primary key, c1 int)',
    data: 'insert into t0 values (0, 1), (1, 1); insert into t1 values (0, 1)',
    queries: [
      {
        text: 'select a0.id from t0 a0 left join t1 a1 on a1.c1 = 1 left join lateral (select id from t1) a2 on a0.id = $1',
        values: [1],
      },
    ],
    transactions: ['delete from t0 where id = 0'],
  },
]
