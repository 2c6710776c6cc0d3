import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rules } from './rules.ts'

const textOf = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

it('all seventeen rules are in the table, in order, each guarded or said not to be there yet', () => {
  const numbers = rules.flatMap(({ name }) => /^(\d+)\./.exec(name)?.slice(1).map(Number) ?? [])
  expect(numbers).toEqual(Array.from({ length: 17 }, (_, index) => index + 1))
  for (const rule of rules) expect('notYet' in rule ? rule.notYet : rule.guards.length).toBeTruthy()
})

describe.each(
  rules.flatMap(rule => ('notYet' in rule ? [] : rule.guards.map(guard => ({ ...guard, rule: rule.name })))),
)('$rule', ({ test, title, without }) => {
  it(`is guarded by "${title}"`, () => {
    expect(textOf(test)).toContain(title)
  })

  it(`stands once in ${without.file}`, () => {
    expect(textOf(without.file).split(without.code)).toHaveLength(2)
  })
})
