import { z } from 'zod'
import { errors } from './errors.ts'
import type { Route } from './route.ts'

type JsonSchema = Record<string, unknown>

/**
 * The route's response schemas as JSON Schema, from which Fastify compiles serialisers: fast, and what a schema does
 * not name is not sent. Throws APP_RESPONSE_SCHEMA.
 *
 * Input goes another way: zod itself checks it, since its transforms, refinements and messages have no form in JSON
 * Schema.
 */
export function responseSchemas(route: Route): Record<string, JsonSchema> {
  const schemas: Record<string, JsonSchema> = {}
  for (const [status, schema] of Object.entries(route.response)) {
    if (isEmpty(schema)) continue
    try {
      schemas[status] = z.toJSONSchema(schema, {
        target: 'draft-7',
        io: 'input',
        unrepresentable: 'any',
        override: ({ zodSchema, jsonSchema }) => {
          if (zodSchema._zod.def.type === 'date')
            Object.assign(jsonSchema, { type: 'string', format: 'date-time' })
          foldNull(jsonSchema as JsonSchema)
        },
      }) as JsonSchema
      delete schemas[status].$schema
    } catch (error) {
      throw errors.APP_RESPONSE_SCHEMA(
        { route: `${route.method} ${route.path}`, status: Number(status) },
        { cause: error },
      )
    }
  }
  return schemas
}

/** Statuses without a body: `204: z.void()`. */
export function isEmpty(schema: z.ZodType): boolean {
  return schema instanceof z.ZodVoid || schema instanceof z.ZodUndefined || schema instanceof z.ZodNever
}

/** `anyOf [X, null]` costs a validator at each answer; `nullable` says the same without. */
function foldNull(schema: JsonSchema): void {
  const { anyOf } = schema as { anyOf?: JsonSchema[] }
  if (!Array.isArray(anyOf) || anyOf.length !== 2) return
  const other = anyOf.find(one => one.type !== 'null')
  if (!other || !anyOf.some(one => one.type === 'null') || typeof other.type !== 'string') return
  delete schema.anyOf
  Object.assign(schema, other, { nullable: true })
}
