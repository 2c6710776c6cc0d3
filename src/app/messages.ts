import type { z } from 'zod'

/**
 * What a person is told of input that a schema refuses, where the schema has no message of its own: in the words of
 * a form, without the names of types. Everything else keeps zod's.
 */
export const plainMessages: z.core.$ZodErrorMap = issue => {
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'string')
        return issue.minimum === 1 ? "can't be blank" : `must have at least ${issue.minimum} characters`
      if (issue.origin === 'number' || issue.origin === 'int')
        return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
      return undefined
    case 'too_big':
      if (issue.origin === 'string') return `must have at most ${issue.maximum} characters`
      if (issue.origin === 'number' || issue.origin === 'int')
        return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`
      return undefined
    case 'invalid_format':
      return issue.format === 'email'
        ? 'is not an e-mail address'
        : issue.format === 'url'
          ? 'is not a web address'
          : undefined
    case 'invalid_type':
      if (issue.input === undefined || issue.input === null) return "can't be blank"
      return issue.expected === 'number' || issue.expected === 'int' ? 'must be a number' : undefined
    case 'invalid_value':
      return issue.values.length <= 10 ? `must be one of ${issue.values.map(String).join(', ')}` : undefined
    default:
      return undefined
  }
}
