import type { JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar, SelectStmt } from 'libpg-query'
import { familyOf } from './canonical.ts'
import type { Fact } from './facts.ts'
import type { Findings } from './findings.ts'
import { as, open, strings } from './node.ts'
import { outputNames } from './outputs.ts'
import { readableTable } from './relations.ts'
import type { Leaf, View } from './scope.ts'

/** The CTEs visible at a place: name → output columns, null if not known. */
export type Ctes = ReadonlyMap<string, readonly string[] | null>

type JoinKind = 'inner' | 'left' | 'right' | 'full'

export interface Join {
  readonly kind: JoinKind
  readonly left: readonly Leaf[]
  readonly right: readonly Leaf[]
  /** The ON condition, and what is visible to it: the two sides and the levels around. */
  readonly condition: Node | undefined
  readonly view: View
  /** What USING states. */
  readonly using: readonly Fact[]
}

/** A subquery or function in FROM: to be walked once the level's facts are known. */
export interface Inner {
  readonly leaf: Leaf
  readonly select: SelectStmt | undefined
  /** Arguments of functions. */
  readonly calls: readonly Node[]
  readonly view: View | undefined
}

/** A FROM clause, taken apart. */
export interface From {
  readonly leaves: Leaf[]
  readonly joins: Join[]
  readonly inners: Inner[]
}

export function readFrom(
  items: readonly Node[],
  outer: View | undefined,
  ctes: Ctes,
  findings: Findings,
): From {
  const from: From = { leaves: [], joins: [], inners: [] }
  for (const item of items) readItem(item)
  return from

  /** Adds the item and returns its leaves. */
  function readItem(item: Node): Leaf[] {
    const [tag, body] = open(item)
    switch (tag) {
      case 'RangeVar':
        return [readTable(body as RangeVar)]
      case 'RangeSubselect':
        return [readSubselect(body as RangeSubselect)]
      case 'RangeFunction':
        return [readFunction(body as RangeFunction)]
      case 'JoinExpr':
        return readJoin(body as JoinExpr)
      case 'RangeTableSample':
        findings.refuse('TABLESAMPLE reads random rows')
        return []
      default:
        findings.refuse(`${tag} in FROM is not understood`, true)
        return []
    }
  }

  function add(leaf: Leaf): Leaf {
    from.leaves.push(leaf)
    return leaf
  }

  function readTable(range: RangeVar): Leaf {
    const name = range.relname ?? ''
    const renamed = strings(range.alias?.colnames)
    const alias = range.alias?.aliasname
    const cte = range.schemaname === undefined ? ctes.get(name) : undefined
    if (cte !== undefined) {
      return add({
        name: alias ?? name,
        schema: undefined,
        relation: undefined,
        outputs: rename(cte, renamed),
        read: null,
      })
    }
    if (range.catalogname) findings.refuse('a table of another database is named', true)
    const relation = readableTable(range.schemaname, name, findings)
    // Renamed columns are not followed: the whole row counts.
    const outputs = relation && renamed.length > 0 ? rename([...relation.columns.keys()], renamed) : null
    return add({
      name: alias ?? name,
      schema: alias === undefined ? (range.schemaname ?? relation?.schema) : undefined,
      relation,
      outputs,
      read: outputs ? null : new Set(),
    })
  }

  function readSubselect(range: RangeSubselect): Leaf {
    const select = as('SelectStmt', range.subquery)
    // Only LATERAL sees what stands to the left of it.
    const view = range.lateral ? { leaves: [...from.leaves], outer } : outer
    const leaf = add({
      name: range.alias?.aliasname,
      schema: undefined,
      relation: undefined,
      outputs: rename(outputNames(select), strings(range.alias?.colnames)),
      read: null,
    })
    if (select) from.inners.push({ leaf, select, calls: [], view })
    else findings.refuse('a subquery in FROM is not a SELECT', true)
    return leaf
  }

  function readFunction(range: RangeFunction): Leaf {
    const view = { leaves: [...from.leaves], outer }
    const calls = (range.functions ?? []).flatMap(list => (as('List', list)?.items ?? []).slice(0, 1))
    const leaf = add({
      name: range.alias?.aliasname ?? functionName(calls),
      schema: undefined,
      relation: undefined,
      outputs: null,
      read: null,
    })
    from.inners.push({ leaf, select: undefined, calls, view })
    return leaf
  }

  function readJoin(join: JoinExpr): Leaf[] {
    const left = join.larg ? readItem(join.larg) : []
    const right = join.rarg ? readItem(join.rarg) : []
    if (join.alias) findings.refuse('a join with an alias of its own is not understood')
    if (join.join_using_alias?.aliasname) {
      add({
        name: join.join_using_alias.aliasname,
        schema: undefined,
        relation: undefined,
        outputs: null,
        read: null,
      })
    }
    const kind = joinKinds.get(join.jointype ?? '')
    if (!kind) findings.refuse(`${join.jointype} is not understood`)
    if (join.isNatural) {
      findings.note('NATURAL JOIN compares whatever columns the tables share: all of their columns count')
      for (const leaf of [...left, ...right]) leaf.read = null
    }
    const using = strings(join.usingClause).flatMap(name => readUsing(name, left, right, findings))
    from.joins.push({
      kind: kind ?? 'full',
      left,
      right,
      condition: join.quals,
      view: { leaves: [...left, ...right], outer },
      using,
    })
    return [...left, ...right]
  }
}

const joinKinds = new Map<string, JoinKind>([
  ['JOIN_INNER', 'inner'],
  ['JOIN_LEFT', 'left'],
  ['JOIN_RIGHT', 'right'],
  ['JOIN_FULL', 'full'],
])

/** Marks the column on both sides, and states that they are equal if it is one table's column on each. */
function readUsing(name: string, left: readonly Leaf[], right: readonly Leaf[], findings: Findings): Fact[] {
  const side = (leaves: readonly Leaf[]) => {
    const found = leaves.filter(leaf => leaf.outputs === null && leaf.relation?.columns.has(name))
    for (const leaf of found) {
      const column = leaf.relation?.columns.get(name)
      if (column?.published && column.generated !== 'v') leaf.read?.add(name)
      else leaf.read = null
    }
    const [leaf, second] = found
    const column = leaf?.relation?.columns.get(name)
    const family = column && familyOf(column, findings.catalog)
    const hidden = leaves.some(other => !other.relation || other.outputs !== null)
    return leaf && column && family && !second && !hidden ? { leaf, column, family } : undefined
  }
  const a = side(left)
  const b = side(right)
  return a && b && a.family === b.family ? [{ kind: 'same', left: a, right: b }] : []
}

function rename(outputs: readonly string[] | null, renamed: readonly string[]): ReadonlySet<string> | null {
  return outputs && new Set([...renamed, ...outputs.slice(renamed.length)])
}

function functionName(calls: readonly Node[]): string | undefined {
  const call = calls.length === 1 ? as('FuncCall', calls[0]) : undefined
  return call ? strings(call.funcname).at(-1) : undefined
}
