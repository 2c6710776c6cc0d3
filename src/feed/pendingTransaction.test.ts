import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from './change.ts'
import { PendingTransaction } from './pendingTransaction.ts'

const insert = (table: string, id: number): Change => ({ kind: 'insert', table, new: { id: String(id) } })

const step = fc.oneof(
  { weight: 10, arbitrary: fc.record({ subxid: fc.nat(4), table: fc.constantFrom('a', 'b', 'c') }) },
  { weight: 1, arbitrary: fc.record({ abort: fc.nat(4) }) },
)

test('every change that was not rolled back is told, by itself or by its table; none that was, beside summed-up tables', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 1, max: 60 }),
      (steps, rowsPerTable, valuesPerTransaction) => {
        const pending = new PendingTransaction(0, { rowsPerTable, valuesPerTransaction })
        let kept: { subxid: number; change: Change & { table: string } }[] = []
        for (const [id, taken] of steps.entries()) {
          if ('abort' in taken) {
            pending.abort(taken.abort)
            kept = kept.filter(({ subxid }) => subxid !== taken.abort)
          } else {
            const change = insert(taken.table, id) as Change & { table: string }
            pending.add(taken.subxid, change, taken.table.charCodeAt(0))
            kept.push({ subxid: taken.subxid, change })
          }
          // Bounded at every moment, not only at the end.
          expect(pending.changes().filter(change => change.kind === 'insert').length).toBeLessThanOrEqual(
            Math.min(rowsPerTable * 3, valuesPerTransaction),
          )
        }
        const changes = pending.changes()
        const summedUp = new Set(changes.flatMap(change => (change.kind === 'table' ? [change.table] : [])))
        for (const table of summedUp) expect(pending.isSummedUp(table.charCodeAt(0))).toBe(true)
        const rows = changes.filter(change => change.kind === 'insert')
        const expected = kept.map(({ change }) => change).filter(change => !summedUp.has(change.table))
        expect(new Set(rows)).toEqual(new Set(expected))
      },
    ),
  )
})

test('a table within the limits is never summed up', () => {
  const pending = new PendingTransaction(0, { rowsPerTable: 10, valuesPerTransaction: 100 })
  // Rolled-back rows don't count.
  for (let round = 1; round <= 20; round++) {
    for (let n = 0; n < 9; n++) pending.add(round, insert('a', n), 1)
    pending.abort(round)
  }
  for (let n = 0; n < 10; n++) pending.add(0, insert('a', n), 1)
  expect(pending.changes()).toHaveLength(10)
  pending.add(0, insert('a', 10), 1)
  expect(pending.changes()).toEqual([{ kind: 'table', table: 'a' }])
})

test('DDL in a rolled-back savepoint is not told, and told once however often it is announced', () => {
  const pending = new PendingTransaction(0, { rowsPerTable: 10, valuesPerTransaction: 100 })
  const ddl: Change = { kind: 'everything', reason: 'DDL' }
  pending.add(1, ddl)
  pending.abort(1)
  expect(pending.changes()).toEqual([])
  for (let n = 0; n < 5; n++) pending.add(2, ddl)
  expect(pending.changes()).toEqual([ddl])
})
