import type {
  JoinExpr,
  JsonTable,
  Node,
  RangeFunction,
  RangeSubselect,
  RangeVar,
  SelectStmt,
} from 'libpg-query'
import { familyOf } from './canonical.ts'
import type { Fact } from './facts.ts'
import type { Findings } from './findings.ts'
import { type Cte, type Ctes, type From, type JoinKind, type Level, mayCopy } from './level.ts'
import { as, open, strings } from './node.ts'
import { computedOutputs, outputNames, renamed } from './outputs.ts'
import { readableTable } from './relations.ts'
import {
  columnNamed,
  columnNames,
  isOpen,
  type Leaf,
  markAll,
  markRead,
  type Outputs,
  type View,
} from './scope.ts'
import { viewSelect } from './views.ts'

/** Takes a SELECT apart; `openLevel.ts` gives it, which reads FROM clauses in turn. */
export type OpenLevel = (select: SelectStmt, outer: View | undefined, ctes: Ctes, findings: Findings) => Level

export function readFrom(
  items: readonly Node[],
  outer: View | undefined,
  ctes: Ctes,
  findings: Findings,
  openLevel: OpenLevel,
): From {
  const from: From = { leaves: [], joins: [], inners: [] }
  for (const item of items) readItem(item)
  return from

  /** Adds the item and returns its leaves. */
  function readItem(item: Node): Leaf[] {
    const [tag, body] = open(item)
    switch (tag) {
      case 'RangeVar':
        return [readName(body as RangeVar)]
      case 'RangeSubselect':
        return [readSubselect(body as RangeSubselect)]
      case 'RangeFunction':
        return [readFunction(body as RangeFunction)]
      case 'JsonTable':
        return [readJsonTable(body as JsonTable, item)]
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

  function add(leaf: Partial<Leaf> & Pick<Leaf, 'name'>): Leaf {
    const whole: Leaf = {
      schema: undefined,
      relation: undefined,
      outputs: null,
      read: null,
      host: undefined,
      ...leaf,
    }
    from.leaves.push(whole)
    return whole
  }

  function addInner(
    level: Level,
    name: string | undefined,
    schema: string | undefined,
    names: string[],
  ): Leaf {
    const leaf = add({ name, schema, outputs: renamed(level.outputs, names, findings) })
    for (const inside of level.from.leaves) inside.host = leaf
    from.inners.push({ leaf, level, calls: [], view: { leaves: [], outer } })
    return leaf
  }

  /** A CTE, a view or a table. */
  function readName(range: RangeVar): Leaf {
    const name = range.relname ?? ''
    const names = strings(range.alias?.colnames)
    const alias = range.alias?.aliasname
    const cte = range.schemaname === undefined ? ctes.get(name) : undefined
    if (cte) return readCte(cte, alias ?? name, names)
    if (range.catalogname) findings.refuse('a table of another database is named', true)
    const relation = readableTable(range.schemaname, name, findings)
    const schema = alias === undefined ? (range.schemaname ?? relation?.schema) : undefined
    if (relation?.kind === 'v') {
      const select = viewSelect(relation, findings)
      if (select) {
        const level = openLevel(select, undefined, new Map(), findings)
        return addInner(level, alias ?? name, schema, underNames([...relation.columns.keys()], names))
      }
    }
    const leaf = add({ name: alias ?? name, schema, relation, read: new Set() })
    if (relation && names.length > 0) rename(leaf, names, findings)
    return leaf
  }

  function readCte(cte: Cte, name: string, names: string[]): Leaf {
    const columns = underNames(cte.names, names)
    if (mayCopy(cte))
      return addInner(openLevel(cte.select, cte.outer, cte.ctes, findings), name, undefined, columns)
    cte.shared = true
    const known = cte.extended ? null : computedOutputs(outputNames(cte.select))
    return add({ name, outputs: renamed(known, columns, findings) })
  }

  function readSubselect(range: RangeSubselect): Leaf {
    const select = as('SelectStmt', range.subquery)
    const name = range.alias?.aliasname
    if (!select) {
      findings.refuse('a subquery in FROM is not a SELECT', true)
      return add({ name })
    }
    // Only LATERAL sees what stands to the left of it.
    const view = range.lateral ? { leaves: [...from.leaves], outer } : outer
    return addInner(openLevel(select, view, ctes, findings), name, undefined, strings(range.alias?.colnames))
  }

  function readFunction(range: RangeFunction): Leaf {
    const view = { leaves: [...from.leaves], outer }
    const calls = (range.functions ?? []).flatMap(list => (as('List', list)?.items ?? []).slice(0, 1))
    const leaf = add({ name: range.alias?.aliasname ?? functionName(calls) })
    from.inners.push({ leaf, level: undefined, calls, view })
    return leaf
  }

  function readJsonTable(table: JsonTable, node: Node): Leaf {
    const view = { leaves: [...from.leaves], outer }
    const names = renamed(
      computedOutputs(jsonColumns(table.columns)),
      strings(table.alias?.colnames),
      findings,
    )
    const leaf = add({ name: table.alias?.aliasname, outputs: names })
    from.inners.push({ leaf, level: undefined, calls: [node], view })
    return leaf
  }

  function readJoin(join: JoinExpr): Leaf[] {
    const left = join.larg ? readItem(join.larg) : []
    const right = join.rarg ? readItem(join.rarg) : []
    if (join.alias) findings.refuse('a join with an alias of its own is not understood')
    if (join.join_using_alias?.aliasname) add({ name: join.join_using_alias.aliasname })
    const kind = joinKinds.get(join.jointype ?? '')
    if (!kind) findings.refuse(`${join.jointype} is not understood`)
    const shared = join.isNatural ? sharedNames(left, right) : strings(join.usingClause)
    if (!shared) {
      findings.note('NATURAL JOIN of tables whose columns are not all known: all of their columns count')
      for (const leaf of [...left, ...right]) markAll(leaf)
    }
    from.joins.push({
      kind: kind ?? 'full',
      left,
      right,
      condition: join.quals,
      view: { leaves: [...left, ...right], outer },
      using: (shared ?? []).flatMap(name => readUsing(name, left, right, findings)),
      merges: join.isNatural === true || join.usingClause !== undefined,
    })
    return [...left, ...right]
  }
}

/** The table's columns under other names. */
function rename(leaf: Leaf, names: readonly string[], findings: Findings): void {
  const own: Outputs = new Map(
    [...(leaf.relation?.columns.values() ?? [])].map(column => [column.name, { leaf, column, firm: true }]),
  )
  Object.assign(leaf, { outputs: renamed(own, names, findings) })
}

/** The first names replaced by others. */
function underNames(names: readonly string[], others: readonly string[]): string[] {
  return [...others, ...names.slice(others.length)]
}

const joinKinds = new Map<string, JoinKind>([
  ['JOIN_INNER', 'inner'],
  ['JOIN_LEFT', 'left'],
  ['JOIN_RIGHT', 'right'],
  ['JOIN_FULL', 'full'],
])

/** What NATURAL compares; null if not all columns are known. */
function sharedNames(left: readonly Leaf[], right: readonly Leaf[]): string[] | null {
  if ([...left, ...right].some(leaf => columnNames(leaf) === null)) return null
  const names = new Set(right.flatMap(leaf => columnNames(leaf) ?? []))
  return [...new Set(left.flatMap(leaf => columnNames(leaf) ?? []))].filter(name => names.has(name))
}

/** Marks the column on both sides, and states that they are equal if it is one table's column on each. */
function readUsing(name: string, left: readonly Leaf[], right: readonly Leaf[], findings: Findings): Fact[] {
  const side = (leaves: readonly Leaf[]) => {
    const found = leaves.flatMap(leaf => columnNamed(name, leaf) ?? [])
    for (const column of found) if (column !== 'computed') markRead(column)
    const [only, second] = found
    if (!only || only === 'computed' || second || !only.firm || leaves.some(isOpen)) return undefined
    const family = familyOf(only.column, findings.catalog)
    return family && { ...only, family }
  }
  const a = side(left)
  const b = side(right)
  return a && b && a.family === b.family ? [{ kind: 'same', left: a, right: b }] : []
}

/** The names of JSON_TABLE's columns, nested ones in their place. */
function jsonColumns(columns: readonly Node[] | undefined): string[] {
  return (columns ?? []).flatMap(node => {
    const column = as('JsonTableColumn', node)
    return column?.coltype === 'JTC_NESTED' ? jsonColumns(column.columns) : (column?.name ?? '')
  })
}

function functionName(calls: readonly Node[]): string | undefined {
  const call = calls.length === 1 ? as('FuncCall', calls[0]) : undefined
  return call ? strings(call.funcname).at(-1) : undefined
}
