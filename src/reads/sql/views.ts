import { type ParseResult, parseSync, type SelectStmt } from 'libpg-query'
import type { Relation } from '../catalog.ts'
import type { Findings } from './findings.ts'
import { as } from './node.ts'

const parsed = new WeakMap<Relation, SelectStmt | string>()

/**
 * The SELECT that a view stands for. Its text comes from PostgreSQL, written under an empty search path: whatever
 * is not part of PostgreSQL itself has its schema before it, so that it means the same in every session. A view
 * reads with its owner's rights, which changes which rows it shows only where there is row-level security.
 * Undefined if it can't be followed; the reason is then found.
 */
export function viewSelect(view: Relation, findings: Findings): SelectStmt | undefined {
  if (view.barrier) {
    findings.refuse(`${view.table} is a view with security_barrier`, true)
    return undefined
  }
  let select = parsed.get(view)
  if (select === undefined) {
    select = read(view.definition)
    parsed.set(view, select)
  }
  if (typeof select !== 'string') return select
  findings.refuse(`the view ${view.table} ${select}`, true)
  return undefined
}

function read(definition: string | null): SelectStmt | string {
  if (definition === null) return 'has no definition that can be read'
  let result: ParseResult
  try {
    result = parseSync(definition)
  } catch (error) {
    return `can't be parsed: ${error instanceof Error ? error.message : String(error)}`
  }
  const select = as('SelectStmt', result.stmts?.[0]?.stmt)
  if (!select || result.stmts?.length !== 1) return 'is not one SELECT'
  const ctes = new Set<string>()
  const names = new Set<string>()
  collect(select, (tag, body) => {
    if (tag === 'CommonTableExpr') ctes.add(String(body.ctename))
    if (tag === 'RangeVar' && body.schemaname === undefined) names.add(String(body.relname))
  })
  const bare = [...names].find(name => !ctes.has(name))
  return bare === undefined ? select : `reads the system catalog ${bare}`
}

function collect(tree: unknown, see: (tag: string, body: Record<string, unknown>) => void): void {
  if (typeof tree !== 'object' || tree === null) return
  for (const [tag, body] of Object.entries(tree)) {
    if (typeof body !== 'object' || body === null) continue
    see(tag, body as Record<string, unknown>)
    collect(body, see)
  }
}
