import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { QuintetError } from '../src/core/index.ts'

const src = resolve(import.meta.dirname, '../src')
/** Each room's table; core's file of that name is what makes them. */
const tables = globSync('*/errors.ts', { cwd: src })
  .filter(file => file !== 'core/errors.ts')
  .sort()

/**
 * Facts that suit any row: every name is a text that is also a list and an object. Enough to run each message; that
 * the real facts fit is the type checker's work.
 */
const anyFacts: unknown = new Proxy(() => {}, {
  get: (_, name) => {
    if (name === Symbol.toPrimitive || name === 'toString') return () => 'FACT'
    if (name === Symbol.iterator) return function* () {}
    if (name === 'join') return () => 'FACT'
    if (name === 'map' || name === 'filter') return () => anyFacts
    return name === 'length' ? 2 : anyFacts
  },
  apply: () => anyFacts,
})

type Make = (facts: unknown) => QuintetError

describe.each(tables)('%s', file => {
  const load = async () => {
    const { errors } = (await import(join(src, file))) as { errors: Record<string, Make> }
    return Object.entries(errors)
  }

  test('each code begins with its room, has a message, and a remedy', async () => {
    const rows = await load()
    expect(rows.length).toBeGreaterThan(0)
    for (const [code, make] of rows) {
      const error = make(anyFacts)
      expect(error).toBeInstanceOf(QuintetError)
      expect(code).toMatch(new RegExp(`^${file.split('/')[0]?.toUpperCase()}_[A-Z0-9_]+$`))
      const remedy = String(error.remedy) // a remedy that is wholly a fact (PostgreSQL's own hint) is no text here
      const message = error.message.slice(code.length + 2, -remedy.length).trim()
      expect(message, `${code}'s message`).toMatch(/.{4}([.?]|FACT)$/s)
      expect(remedy, `${code}'s remedy`).toMatch(/^\S.{2}/s)
    }
  })
})

test('no code stands in two tables', async () => {
  const codes = tables.flatMap(file =>
    [...readFileSync(join(src, file), 'utf8').matchAll(/^ {2}([A-Z][A-Z0-9_]+):/gm)].map(match => match[1]),
  )
  expect(codes.length).toBeGreaterThan(20)
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
})
