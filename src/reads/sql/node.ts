import type { Node } from 'libpg-query'

/** A node's one tag and its body: `{ ColumnRef: {…} }` → `['ColumnRef', {…}]`. */
export function open(node: Node): [tag: string, body: Record<string, unknown>] {
  for (const tag in node)
    return [tag, (node as unknown as Record<string, Record<string, unknown>>)[tag] ?? {}]
  return ['', {}]
}

/** The body of a node if it is of that kind. */
export function as<Tag extends KindOf<Node>>(
  tag: Tag,
  node: Node | undefined,
): BodyOf<Node, Tag> | undefined {
  return node && tag in node ? ((node as Record<string, unknown>)[tag] as BodyOf<Node, Tag>) : undefined
}

type KindOf<N> = N extends unknown ? keyof N & string : never
type BodyOf<N, Tag extends string> = N extends { [K in Tag]: infer Body } ? Body : never

/** The strings of a list of String nodes: a dotted name. */
export function strings(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).map(node => as('String', node)?.sval ?? '')
}

/** A dotted name's schema and last part. */
export function dotted(nodes: readonly Node[] | undefined): { schema: string | undefined; name: string } {
  const parts = strings(nodes)
  return { schema: parts.length > 1 ? parts.at(-2) : undefined, name: parts.at(-1) ?? '' }
}

/** The conjuncts of a condition. */
export function conjuncts(node: Node | undefined): Node[] {
  if (!node) return []
  const bool = as('BoolExpr', node)
  return bool?.boolop === 'AND_EXPR' ? (bool.args ?? []).flatMap(conjuncts) : [node]
}
