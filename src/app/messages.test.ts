import { expect, it } from 'vitest'
import { z } from 'zod'
import { fieldErrors } from './forms.ts'
import { plainMessages } from './messages.ts'

const told = (schema: z.ZodType, value: unknown): string | undefined => {
  const result = schema.safeParse(value, { error: plainMessages })
  return result.success ? undefined : fieldErrors(result.error)['']?.[0]
}

it.each([
  [z.string().min(1), '', "can't be blank"],
  [z.string().min(3), 'ab', 'must have at least 3 characters'],
  [z.string().max(2), 'abc', 'must have at most 2 characters'],
  [z.string(), undefined, "can't be blank"],
  [z.email(), 'nobody', 'is not an e-mail address'],
  [z.url(), 'nowhere', 'is not a web address'],
  [z.coerce.number(), 'x', 'must be a number'],
  [z.number().min(5), 4, 'must be at least 5'],
  [z.number().lt(5), 5, 'must be less than 5'],
  [z.enum(['red', 'blue']), 'green', 'must be one of red, blue'],
])('%o refuses %o in plain words', (schema, value, message) => expect(told(schema, value)).toBe(message))

it("a schema's own message wins", () => {
  expect(told(z.string().min(1, 'Please tell us your name.'), '')).toBe('Please tell us your name.')
})
