import { expect, test } from 'vitest'
import { z } from 'zod'
import { fieldErrors, objectFromPairs, objectShape, typedValues } from './forms.ts'

const pairs = (text: string) => new URLSearchParams(text)

test('repeated fields become an array only where the schema wants one', () => {
  const schema = z.object({
    tags: z.array(z.string()),
    more: z.array(z.string()).optional(),
    name: z.string(),
  })
  expect(objectFromPairs(pairs('tags=a&tags=b&name=x&name=y'), schema)).toEqual({
    tags: ['a', 'b'],
    more: [],
    name: 'y',
  })
})

test('schemas are seen through refinements, transforms and defaults', () => {
  const object = z.object({ tags: z.array(z.string()) })
  for (const schema of [
    object.refine(() => true),
    object.transform(value => value),
    object.optional(),
    object.default({ tags: [] }),
  ]) {
    expect(objectFromPairs(pairs('tags=a'), schema)).toEqual({ tags: ['a'] })
  }
  expect(objectShape(z.record(z.string(), z.string()))).toBeUndefined()
})

test('only plain objects look at just the names they declare', () => {
  expect(objectShape(z.object({ a: z.string() }))?.exact).toBe(true)
  expect(objectShape(z.strictObject({ a: z.string() }))?.exact).toBe(false)
  expect(objectShape(z.looseObject({ a: z.string() }))?.exact).toBe(false)
  expect(objectShape(z.object({ a: z.string() }).catchall(z.string()))?.exact).toBe(false)
})

test('a name from the prototype is a name like any other', () => {
  const made = objectFromPairs(pairs('__proto__=x&constructor=y'), z.object({}))
  expect(Object.getPrototypeOf(made)).toBe(Object.prototype)
  expect(Object.keys(made)).toEqual(['__proto__', 'constructor'])
})

test('passwords are not typed again', () => {
  expect(typedValues(pairs('email=a&password=b&newPassword=c&csrfToken=d'))).toEqual({ email: 'a' })
})

test('messages are gathered by path', () => {
  const schema = z
    .object({ a: z.object({ b: z.string().min(3, 'short').regex(/^x/, 'no x') }) })
    .refine(() => false, 'whole')
  const result = schema.safeParse({ a: { b: 'y' } })
  expect(result.error && fieldErrors(result.error)).toEqual({
    'a.b': ['short', 'no x'],
    '': ['whole'],
  })
})
