import type { ColumnRef, Node, SelectStmt } from 'libpg-query'
import type { Findings } from './findings.ts'
import type { Join } from './level.ts'
import { as, dotted, open, strings } from './node.ts'
import { resolveRef } from './operands.ts'
import { type Carried, columnNamed, columnNames, type Leaf, type Outputs, type View } from './scope.ts'

/** What can be said of the outputs of one SELECT. */
export interface OutputsOf {
  /** null where the names aren't certain, or two are the same. */
  readonly outputs: Outputs | null
  /** Targets that are nothing but carried columns: read only as far as somebody names them. */
  readonly plain: ReadonlySet<Node>
}

/** The outputs of a SELECT with its own FROM; `firm` says for which of them conditions may be carried inside. */
export function outputsOf(
  select: SelectStmt,
  view: View,
  joins: readonly Join[],
  firm: (column: Carried) => boolean,
): OutputsOf {
  const outputs = new Map<string, Carried | undefined>()
  const plain = new Set<Node>()
  let certain = true
  const put = (name: string, column: Carried | undefined): void => {
    if (outputs.has(name)) certain = false
    outputs.set(name, column && { ...column, firm: column.firm && firm(column) })
  }
  for (const target of select.targetList ?? []) {
    const result = as('ResTarget', target)
    const ref = as('ColumnRef', result?.val)
    const fields = ref?.fields ?? []
    if (fields.some(field => 'A_Star' in field)) {
      const leaves = starLeaves(ref, view.leaves, joins)
      if (!leaves) certain = false
      for (const leaf of leaves ?? []) {
        for (const name of columnNames(leaf) ?? []) {
          const column = columnNamed(name, leaf)
          put(name, column === 'computed' ? undefined : column)
        }
      }
      if (leaves) plain.add(target)
      continue
    }
    const name = result?.name ?? nameOf(result?.val)
    if (name === null) {
      certain = false
      continue
    }
    const resolved = resolveRef(result?.val, { leaves: view.leaves, outer: undefined })
    if (resolved?.kind === 'column') plain.add(target)
    put(name, resolved?.kind === 'column' ? resolved.place : undefined)
  }
  return { outputs: certain ? outputs : null, plain }
}

/** The leaves whose columns a star stands for, in order; undefined if that isn't certain. */
function starLeaves(
  ref: ColumnRef | undefined,
  leaves: readonly Leaf[],
  joins: readonly Join[],
): readonly Leaf[] | undefined {
  const qualifier = strings((ref?.fields ?? []).slice(0, -1))
  let found = leaves
  if (qualifier.length > 1) return undefined
  if (qualifier.length === 1) found = leaves.filter(leaf => leaf.name === qualifier[0]).slice(0, 1)
  // USING and NATURAL show the columns that they compare once, and first.
  else if (joins.some(join => join.merges)) return undefined
  return found.length > 0 && found.every(leaf => columnNames(leaf)) ? found : undefined
}

/** The names of the outputs of a set operation or VALUES, whose columns are no table's as they are. */
export function computedOutputs(names: readonly string[] | null): Outputs | null {
  if (names === null || new Set(names).size < names.length) return null
  return new Map(names.map(name => [name, undefined]))
}

/** The first outputs under other names: `(…) as s(a, b)`. */
export function renamed(
  outputs: Outputs | null,
  names: readonly string[],
  findings: Findings,
): Outputs | null {
  if (!outputs || names.length === 0) return outputs
  const others = new Map([...outputs].map(([name, column], index) => [names[index] ?? name, column]))
  if (others.size < outputs.size) findings.refuse('two columns are given one name')
  return others
}

/** `column1`, `column2`, … */
export function namesOfValues(select: SelectStmt): string[] {
  const width = as('List', select.valuesLists?.[0])?.items?.length ?? 0
  return Array.from({ length: width }, (_, index) => `column${index + 1}`)
}

/** The names of a SELECT's output columns by its text alone; null with a `*`. */
export function outputNames(select: SelectStmt | undefined): string[] | null {
  let first = select
  while (first?.larg) first = first.larg
  if (!first) return null
  if (first.valuesLists) return namesOfValues(first)
  const names: string[] = []
  for (const target of first.targetList ?? []) {
    const result = as('ResTarget', target)
    if (as('ColumnRef', result?.val)?.fields?.some(field => 'A_Star' in field)) return null
    const name = result?.name ?? nameOf(result?.val)
    if (name === null) return null
    names.push(name)
  }
  return names
}

const nameless = '?column?'

/** The name that PostgreSQL gives to an unnamed output column (FigureColname in its parse_target.c). */
export function nameOf(node: Node | undefined): string | null {
  const [name] = figureName(node)
  return name === undefined ? nameless : name
}

/**
 * A name (null if it can't be told), and whether it is a good one: a cast's type is taken only where there is none
 * better.
 */
function figureName(node: Node | undefined): [name: string | null | undefined, good: boolean] {
  if (!node) return [undefined, false]
  const [tag, body] = open(node)
  switch (tag) {
    case 'ColumnRef': {
      const name = strings(body.fields as Node[]).at(-1)
      return [name === '' ? undefined : name, true]
    }
    case 'A_Indirection': {
      const name = strings(body.indirection as Node[]).findLast(field => field !== '')
      return name === undefined ? figureName(body.arg as Node) : [name, true]
    }
    case 'FuncCall':
      return [dotted(body.funcname as Node[]).name, true]
    case 'A_Expr':
      return body.kind === 'AEXPR_NULLIF' ? ['nullif', true] : [undefined, false]
    case 'TypeCast': {
      const inner = figureName(body.arg as Node)
      const type = (body.typeName as { names?: Node[] } | undefined)?.names
      return inner[1] ? inner : [dotted(type).name, false]
    }
    case 'CollateClause':
      return figureName(body.arg as Node)
    case 'CaseExpr': {
      const inner = figureName(body.defresult as Node | undefined)
      return inner[1] ? inner : ['case', false]
    }
    case 'SubLink':
      if (body.subLinkType === 'EXISTS_SUBLINK') return ['exists', true]
      if (body.subLinkType === 'ARRAY_SUBLINK') return ['array', true]
      if (body.subLinkType !== 'EXPR_SUBLINK') return [undefined, false]
      return [outputNames(as('SelectStmt', body.subselect as Node))?.[0] ?? null, true]
    case 'MinMaxExpr':
      return [body.op === 'IS_GREATEST' ? 'greatest' : 'least', true]
    default: {
      const fixed = fixedNames.get(tag)
      return [fixed, fixed !== undefined]
    }
  }
}

const fixedNames = new Map([
  ['A_ArrayExpr', 'array'],
  ['RowExpr', 'row'],
  ['CoalesceExpr', 'coalesce'],
  ['GroupingFunc', 'grouping'],
  ['JsonParseExpr', 'json'],
  ['JsonScalarExpr', 'json_scalar'],
  ['JsonSerializeExpr', 'json_serialize'],
  ['JsonObjectConstructor', 'json_object'],
  ['JsonArrayConstructor', 'json_array'],
  ['JsonArrayQueryConstructor', 'json_array'],
  ['JsonObjectAgg', 'json_objectagg'],
  ['JsonArrayAgg', 'json_arrayagg'],
])
