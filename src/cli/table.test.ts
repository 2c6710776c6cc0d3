import { expect, test } from 'vitest'
import { columns, table } from './table.ts'

test('columns line up, and no line ends in blanks', () => {
  expect(
    columns([
      ['a', 'bb', ''],
      ['ccc', 'd', 'e'],
    ]),
  ).toEqual(['a    bb', 'ccc  d   e'])
})

test('a table reads as psql prints it, accents and emoji counted as one', () => {
  expect(
    table(
      ['id', 'title'],
      [
        ['1', 'é'],
        ['22', '👍🏽 long'],
      ],
    ),
  ).toEqual([' id | title', '----+--------', ' 1  | é', ' 22 | 👍🏽 long'])
})
