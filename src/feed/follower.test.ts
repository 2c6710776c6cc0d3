import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import type { Transaction } from './change.ts'
import { Follower } from './follower.ts'
import { TransactionLog } from './transactionLog.ts'

function transaction(lsn: bigint, epoch = 'e'): Transaction {
  return { position: { epoch, lsn }, xid: 1, committedAt: 0, changes: [] }
}

test('listeners run before the position includes a transaction', () => {
  const follower = new Follower()
  follower.begin({ epoch: 'e', lsn: 10n }, 'start')
  const positions: (bigint | undefined)[] = []
  follower.onTransaction(() => positions.push(follower.position?.lsn))
  follower.apply(transaction(20n), 1)
  follower.apply(transaction(30n), 1)
  expect(positions).toEqual([10n, 20n])
  expect(follower.position?.lsn).toBe(30n)
})

test('a listener that throws stops the position, but no other listener', () => {
  const follower = new Follower()
  follower.begin({ epoch: 'e', lsn: 10n }, 'start')
  follower.onTransaction(() => {
    throw new Error('no')
  })
  const other = vi.fn()
  follower.onTransaction(other)
  expect(() => follower.apply(transaction(20n), 1)).toThrow('no')
  expect(other).toHaveBeenCalledOnce()
  expect(follower.position?.lsn).toBe(10n)
})

test('what was seen before, or belongs to another epoch, is not told again', () => {
  const follower = new Follower()
  follower.begin({ epoch: 'e', lsn: 10n }, 'start')
  const listener = vi.fn()
  follower.onTransaction(listener)
  follower.apply(transaction(10n), 1)
  follower.apply(transaction(20n, 'other'), 1)
  follower.advance(5n)
  expect(listener).not.toHaveBeenCalled()
  expect(follower.position?.lsn).toBe(10n)
})

test('a reset is told for what was lost, and before every new position is set', () => {
  const follower = new Follower()
  const seen: unknown[] = []
  follower.onReset(reason => seen.push([reason, follower.position]))
  follower.begin({ epoch: 'a', lsn: 1n }, 'start')
  follower.begin(null, 'lost')
  follower.begin(null, 'still lost')
  follower.begin({ epoch: 'b', lsn: 2n }, 'start')
  follower.begin({ epoch: 'c', lsn: 3n }, 'replaced')
  expect(seen).toEqual([
    ['start', null],
    ['lost', null],
    ['start', null],
    ['replaced', null],
  ])
  expect(follower.position).toEqual({ epoch: 'c', lsn: 3n })
})

test('reached() waits, is answered by transactions and by idle log, and gives up with time or epoch', async () => {
  const follower = new Follower()
  const early = follower.reached({ epoch: 'e', lsn: 15n }, 1_000)
  const foreign = follower.reached({ epoch: 'x', lsn: 1n }, 1_000)
  follower.begin({ epoch: 'e', lsn: 10n }, 'start')
  expect(await foreign).toBe(false)
  const later = follower.reached({ epoch: 'e', lsn: 20n }, 1_000)
  const tooLate = follower.reached({ epoch: 'e', lsn: 1_000n }, 1)
  const lost = follower.reached({ epoch: 'e', lsn: 1_000n }, 10_000)
  follower.apply(transaction(16n), 1)
  expect(await early).toBe(true)
  follower.advance(20n)
  expect(await later).toBe(true)
  expect(await tooLate).toBe(false)
  follower.begin({ epoch: 'f', lsn: 2_000n }, 'new')
  expect(await lost).toBe(false)
  expect(await follower.reached({ epoch: 'f', lsn: 2_000n }, 0)).toBe(true)
  expect(await follower.reached({ epoch: 'e', lsn: 1n }, 10_000)).toBe(false)
})

test('the log gives exactly what came after a position, or admits that it does not know', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ gap: fc.bigInt({ min: 1n, max: 3n }), bytes: fc.nat(40) }), { maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 200 }),
      fc.bigInt({ min: 0n, max: 200n }),
      (steps, maxTransactions, maxBytes, asked) => {
        const log = new TransactionLog<bigint>({ maxTransactions, maxBytes })
        log.begin({ epoch: 'e', lsn: 5n })
        const all: bigint[] = []
        let lsn = 5n
        for (const { gap, bytes } of steps) {
          lsn += gap
          all.push(lsn)
          log.append(lsn, lsn, bytes)
          expect(log.size).toBeLessThanOrEqual(maxTransactions)
          expect(log.bytes).toBeLessThanOrEqual(maxBytes)
        }
        const found = log.since({ epoch: 'e', lsn: asked })
        const reach = log.reach?.lsn ?? 0n
        expect(found).toEqual(asked < reach ? null : all.filter(value => value > asked))
        expect(log.since({ epoch: 'x', lsn: asked })).toBeNull()
      },
    ),
  )
})

test('a log of thousands stays right while its oldest entries go', () => {
  const log = new TransactionLog<number>({ maxTransactions: 100 })
  log.begin({ epoch: 'e', lsn: 0n })
  for (let n = 1; n <= 5_000; n++) log.append(BigInt(n), n, 1)
  expect(log.size).toBe(100)
  expect(log.reach?.lsn).toBe(4_900n)
  expect(log.since({ epoch: 'e', lsn: 4_998n })).toEqual([4_999, 5_000])
  expect(log.since({ epoch: 'e', lsn: 4_899n })).toBeNull()
})
