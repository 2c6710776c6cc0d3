import type { OracleCase } from './audit.ts'

/** Every failure ever found by the oracle, shrunk, as the SQL it was: the grammar may change, these stay. */
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
]
