import { setImmediate } from 'node:timers/promises'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { createDatabase, type Database } from './database.ts'
import type { Transaction } from './transactionScope.ts'

const notes = pgTable('notes', { id: integer().primaryKey() })
const schema = { notes }
type Tx = Transaction<typeof schema>

let server: TestDatabase
let database: Database<typeof schema>
beforeAll(async () => {
  server = await testDatabase('create table notes (id int primary key)')
})
afterAll(() => server.close())
beforeEach(async () => {
  await server.query('truncate notes')
  database = createDatabase({ url: server.url, schema, poolMax: 2 })
})
afterEach(() => database.close())

const kept = async (): Promise<unknown[]> =>
  (await server.query('select id from notes order by id')).rows.map(row => row.id)
const add = async (tx: Tx, id: number): Promise<void> => void (await tx.insert(notes).values({ id }))

/** Something to wait for, and what lets it happen. */
function gate() {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

test.each<[string, (tx: Tx) => <T>(body: (tx: Tx) => Promise<T>) => Promise<T>]>([
  ['context', () => body => database.transaction(body)],
  ['handle', tx => body => tx.transaction(body as never)],
])('nested transactions begun at once, by %s, each keep or lose what is theirs', async (_, nesting) => {
  const nested: number[] = []
  const outcomes = await database.transaction(async tx => {
    const nest = nesting(tx)
    const one = (id: number, fails: boolean) =>
      nest(async inner => {
        nested.push(id)
        await setImmediate()
        await add(inner, id)
        await setImmediate()
        nested.push(-id)
        if (fails) throw new Error(`${id} failed`)
      })
    return await Promise.allSettled([one(1, false), one(2, true), one(3, false), one(4, true)])
  })
  expect(outcomes.map(one => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected'])
  expect(nested).toEqual([1, -1, 2, -2, 3, -3, 4, -4])
  expect(await kept()).toEqual([1, 3])
})

test('a query through the outer handle is not taken back with a nested transaction', async () => {
  await database.transaction(async tx => {
    const begun = gate()
    const nested = tx.transaction(async inner => {
      await add(inner, 1)
      begun.open()
      await setImmediate()
      throw new Error('only this part')
    })
    await begun.opened
    await Promise.allSettled([nested, add(tx, 2), tx.transaction(inner => add(inner, 3)), add(tx, 4)])
  })
  expect(await kept()).toEqual([2, 3, 4])
})

test('code in the nested body that uses the outer handle is part of it', async () => {
  await database.transaction(async tx => {
    const nested = tx.transaction(async inner => {
      await add(tx, 1)
      await tx.transaction(() => add(tx, 2))
      await inner.transaction(() => add(inner, 3))
      throw new Error('all of it')
    })
    await expect(nested).rejects.toThrow('all of it')
    await add(tx, 4)
  })
  expect(await kept()).toEqual([4])
})

test('the handle of a nested transaction works in code that waits elsewhere', async () => {
  await database.transaction(async tx => {
    const work = gate()
    const done = gate()
    let handle: Tx = tx
    const elsewhere = work.opened.then(() => add(handle, 1)).then(done.open)
    await tx.transaction(async inner => {
      handle = inner
      work.open()
      await done.opened
    })
    await elsewhere
  })
  expect(await kept()).toEqual([1])
})

test('a transaction that fails takes nested ones along that nobody waited for', async () => {
  const late = gate()
  const failing = gate()
  let nested: Promise<PromiseSettledResult<void>[]> | undefined
  const outer = database.transaction(async tx => {
    const begun = gate()
    const running = tx.transaction(async inner => {
      begun.open()
      await late.opened
      await add(inner, 1)
    })
    nested = Promise.allSettled([running, tx.transaction(inner => add(inner, 2))])
    await begun.opened
    failing.open()
    throw new Error('failed early')
  })
  const refused = expect(outer).rejects.toThrow('failed early')
  await failing.opened
  await setImmediate()
  late.open()
  await refused
  expect((await nested)?.map(one => one.status)).toEqual(['fulfilled', 'rejected'])
  expect(await kept()).toEqual([])
})

test('a handle is refused once its body has ended', async () => {
  let outer: Tx | undefined
  let inner: Tx | undefined
  await database.transaction(async tx => {
    outer = tx
    await tx.transaction(async nested => {
      inner = nested
    })
    await expect(add(inner as Tx, 1)).rejects.toMatchObject({ cause: { code: 'DATA_TRANSACTION_OVER' } })
    await add(tx, 2)
  })
  await expect(add(outer as Tx, 3)).rejects.toMatchObject({ cause: { code: 'DATA_TRANSACTION_OVER' } })
  await expect(outer?.transaction(tx => add(tx, 4))).rejects.toThrow('DATA_TRANSACTION_OVER')
  expect(await kept()).toEqual([2])
})

test('transactions of two databases nest by turns', async () => {
  const other = createDatabase({ url: server.url, schema, poolMax: 1 })
  try {
    const whole = database.transaction(async () => {
      await other.transaction(async tx => {
        await add(tx, 1)
        await database.transaction(inner => add(inner, 2))
        await other.transaction(inner => add(inner, 3))
      })
      throw new Error('the outer one only')
    })
    await expect(whole).rejects.toThrow('the outer one only')
  } finally {
    await other.close()
  }
  expect(await kept()).toEqual([1, 3])
})

test('relations are known to every handle', async () => {
  await database.transaction(async tx => {
    await add(tx, 1)
    await tx.transaction(async inner => {
      expect(await inner.query.notes.findMany()).toEqual([{ id: 1 }])
    })
  })
})
