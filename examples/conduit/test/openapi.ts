import { z } from 'zod'
import document from './openapi.json' with { type: 'json' }

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }

/** Every `METHOD /path STATUS` that the document names. */
export const documented: string[] = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, operation]) =>
    Object.keys((operation as { responses: object }).responses).map(
      status => `${method.toUpperCase()} ${path} ${status}`,
    ),
  ),
)

/** Replaces `$ref` by what it points at; the document has no cycles. */
function resolve(node: Json): Json {
  if (Array.isArray(node)) return node.map(resolve)
  if (node === null || typeof node !== 'object') return node
  if (typeof node.$ref === 'string') {
    const target = node.$ref
      .slice(2)
      .split('/')
      .reduce<Json>((at, name) => (at as { [name: string]: Json })[name] as Json, document as unknown as Json)
    return resolve(target)
  }
  return Object.fromEntries(Object.entries(node).map(([name, value]) => [name, resolve(value)]))
}

/**
 * Which documented operation a request belongs to, and what is wrong with its answer; a path, method or status that
 * the document lacks is wrong too.
 */
export function judge(
  method: string,
  path: string,
  status: number,
  body: unknown,
): { operation: string; problem?: string } {
  const plain = path.replace(/\?.*$/, '')
  const template = Object.keys(document.paths)
    .sort((one, other) => one.split('{').length - other.split('{').length)
    .find(candidate => new RegExp(`^${candidate.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain))
  const operation = `${method} ${template} ${status}`
  if (!documented.includes(operation)) return { operation, problem: 'is not in the document' }
  const responses = document.paths[template as keyof typeof document.paths] as unknown as {
    [method: string]: { responses: { [status: string]: Json } }
  }
  const response = resolve(responses[method.toLowerCase()]?.responses[status] ?? null) as {
    content?: { 'application/json'?: { schema: Json } }
  }
  const schema = response.content?.['application/json']?.schema
  if (!schema) return body === undefined ? { operation } : { operation, problem: 'should have no body' }
  const result = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(body)
  return result.success ? { operation } : { operation, problem: z.prettifyError(result.error) }
}
