import { z } from 'zod'
import { type Branch, isBranch, type Leaf } from './tree.ts'

type AnyObject = z.ZodObject<Readonly<Record<string, z.ZodType>>>
type Player = z.ZodDiscriminatedUnion<readonly [AnyObject, ...AnyObject[]]>

/** The schema of the object that stands in this place, given the engine chosen there; undefined for values. */
export function objectOf(schema: z.ZodType, node: Branch | Leaf | undefined): AnyObject | undefined {
  if (schema instanceof z.ZodObject) return schema as AnyObject
  if (!(schema instanceof z.ZodDiscriminatedUnion) || !isBranch(node)) return undefined
  const engine = node.get('engine')
  return isBranch(engine) ? undefined : optionOf(schema as Player, engine?.value)
}

function optionOf(player: Player, engine: unknown): AnyObject | undefined {
  return player.options.find(option => engineOf(option) === engine)
}

function engineOf(option: AnyObject): string | undefined {
  const engine = option.shape.engine
  return engine instanceof z.ZodLiteral ? String(engine.value) : undefined
}

/** The engines that a player can have, as the schema names them. */
export function enginesOf(schema: z.ZodType): string[] {
  if (schema instanceof z.ZodDiscriminatedUnion)
    return (schema as Player).options.flatMap(o => engineOf(o) ?? [])
  const engine = schema instanceof z.ZodObject ? (schema as AnyObject).shape.engine : undefined
  return engine instanceof z.ZodEnum ? engine.options.map(String) : []
}

/** The engines of a player that have a setting of this name. */
export function enginesWith(schema: z.ZodType, name: string): string[] {
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return []
  return (schema as Player).options
    .filter(option => Object.hasOwn(option.shape, name))
    .flatMap(option => engineOf(option) ?? [])
}

/** The schema at a path, for the engines that the tree chooses on the way. */
export function schemaAt(
  schema: z.ZodType,
  tree: Branch,
  path: readonly PropertyKey[],
): z.ZodType | undefined {
  let at: z.ZodType | undefined = schema
  let node: Branch | Leaf | undefined = tree
  for (const name of path) {
    const shape: Readonly<Record<string, z.ZodType>> | undefined = objectOf(at, node)?.shape
    if (!shape) return at // inside a value: its own schema speaks for it
    at = Object.hasOwn(shape, String(name)) ? shape[String(name)] : undefined
    if (!at) return undefined
    node = isBranch(node) ? node.get(String(name)) : undefined
  }
  return at
}

/**
 * `lower` without what belongs to engines that `upper` replaces: `url` of a database that becomes embedded.
 * Names that no engine knows stay, to be reported.
 */
export function withoutReplaced(schema: z.ZodType, lower: Branch, upper: Branch): Branch {
  const kept: Branch = new Map(lower)
  const before = objectOf(schema, lower)
  const after = objectOf(schema, upper) ?? before
  for (const [name, node] of lower) {
    const inner = before?.shape[name]
    const above = upper.get(name)
    if (inner && after && !Object.hasOwn(after.shape, name)) kept.delete(name)
    else if (inner && isBranch(node) && isBranch(above)) kept.set(name, withoutReplaced(inner, node, above))
  }
  return kept
}
