import { z } from 'zod'
import type { FieldErrors } from './outcome.ts'

/** The schema's fields by name, if it is an object (also a piped, refined, optional or defaulted one). */
export function objectShape(
  schema: z.ZodType,
): { shape: Record<string, z.ZodType>; exact: boolean } | undefined {
  if (schema instanceof z.ZodObject) {
    // Strict and loose objects look at every name: `catchall` says what becomes of the undeclared.
    return { shape: schema.shape as Record<string, z.ZodType>, exact: schema.def.catchall === undefined }
  }
  const inner = unwrapped(schema)
  return inner && objectShape(inner)
}

function unwrapped(schema: z.ZodType): z.ZodType | undefined {
  const { def } = schema as unknown as { def: { innerType?: unknown; in?: unknown } }
  const inner = schema instanceof z.ZodPipe ? def.in : def.innerType
  return inner instanceof z.ZodType ? inner : undefined
}

function wantsArray(schema: z.ZodType | undefined): boolean {
  if (schema === undefined) return false
  if (schema instanceof z.ZodArray) return true
  const inner = unwrapped(schema)
  return inner !== undefined && wantsArray(inner)
}

/**
 * Pairs as the object that the schema expects: a field that wants an array gets all of its values (none: an empty
 * array), any other its last (so that a hidden field before a check box is its default).
 */
export function objectFromPairs(pairs: URLSearchParams, schema: z.ZodType): Record<string, unknown> {
  const shape = objectShape(schema)?.shape ?? {}
  const names = new Set([...pairs.keys(), ...Object.keys(shape).filter(name => wantsArray(shape[name]))])
  return Object.fromEntries(
    [...names].map(name => {
      const all = pairs.getAll(name)
      // Whoever sends the form chooses the names: `constructor` is no field of the schema.
      const field = Object.hasOwn(shape, name) ? shape[name] : undefined
      return [name, wantsArray(field) ? all : all.at(-1)]
    }),
  )
}

/** What was typed, for showing the form again; passwords are not sent back. */
export function typedValues(form: URLSearchParams): Record<string, string> {
  return Object.fromEntries([...form].filter(([name]) => !/passw|secret|token/i.test(name)))
}

/** Messages by dotted path. */
export function fieldErrors(error: z.ZodError): FieldErrors {
  const errors: Record<string, string[]> = {}
  for (const issue of error.issues) {
    const path = issue.path.map(String).join('.')
    const messages = Object.hasOwn(errors, path) ? errors[path] : undefined
    if (messages) messages.push(issue.message)
    else
      Object.defineProperty(errors, path, {
        value: [issue.message],
        enumerable: true,
        configurable: true,
        writable: true,
      })
  }
  return errors
}
