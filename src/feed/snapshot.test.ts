import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fullXid, parseSnapshot, sees } from './snapshot.ts'

test('reads the text form', () => {
  expect(parseSnapshot('10:20:10,14,15')).toEqual({
    xmin: 10n,
    xmax: 20n,
    inProgress: new Set([10n, 14n, 15n]),
  })
  expect(parseSnapshot('10:10:')).toEqual({ xmin: 10n, xmax: 10n, inProgress: new Set() })
})

test('sees what had finished, and nothing else', () => {
  const snapshot = parseSnapshot('10:20:10,14')
  expect([9, 10, 11, 13, 14, 15, 19, 20, 21].filter(xid => sees(snapshot, xid))).toEqual([9, 11, 13, 15, 19])
})

test('finds the 64-bit id behind a 32-bit one on both sides of a wrap-around', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 2n ** 31n, max: 2n ** 50n }),
      fc.bigInt({ min: -(2n ** 31n) + 1n, max: 2n ** 31n - 1n }),
      (xmax, distance) => {
        const id = xmax + distance
        const snapshot = { xmin: xmax, xmax, inProgress: new Set<bigint>() }
        expect(fullXid(Number(BigInt.asUintN(32, id)), snapshot)).toBe(id)
      },
    ),
  )
  const justWrapped = parseSnapshot(`${2n ** 32n - 2n}:${2n ** 32n + 3n}:${2n ** 32n - 2n},${2n ** 32n + 1n}`)
  expect([2 ** 32 - 3, 2 ** 32 - 2, 2 ** 32 - 1, 0, 1, 2, 3].filter(xid => sees(justWrapped, xid))).toEqual([
    2 ** 32 - 3,
    2 ** 32 - 1,
    0,
    2,
  ])
})
