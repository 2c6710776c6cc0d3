import type { Node } from 'libpg-query'
import type { Findings } from './findings.ts'
import { as, open } from './node.ts'
import { walkSelect } from './select.ts'
import type { Analysis } from './template.ts'

type Kind = Analysis['kind']

/** The statements that are neither reads nor certain to write; whatever isn't listed is taken for a write. */
const kinds = new Map<string, readonly [kind: Kind, reason?: string]>([
  ['TransactionStmt', ['transaction']],
  ['ConstraintsSetStmt', ['transaction']],
  ['VariableSetStmt', ['session', 'SET changes the session']],
  ['VariableShowStmt', ['session', 'SHOW reads the session']],
  ['DiscardStmt', ['session', 'DISCARD changes the session']],
  ['ListenStmt', ['session', 'LISTEN changes the session']],
  ['UnlistenStmt', ['session', 'UNLISTEN changes the session']],
  ['DeallocateStmt', ['session', 'DEALLOCATE changes the session']],
  ['ClosePortalStmt', ['session', 'CLOSE changes the session']],
  ['PrepareStmt', ['session', 'PREPARE changes the session']],
  ['ExecuteStmt', ['write', 'EXECUTE runs a statement that is written elsewhere']],
  ['FetchStmt', ['opaque', 'FETCH reads a cursor']],
])

/** The kind of one statement; what it reads, and why it can't be cached, goes into `findings`. */
export function readStatement(statement: Node, findings: Findings): Kind {
  const select = as('SelectStmt', statement)
  if (select) {
    walkSelect(select, findings)
    return findings.reasons.size > 0 ? 'opaque' : 'read'
  }
  const explain = as('ExplainStmt', statement)
  if (explain) {
    // With ANALYZE it runs the statement.
    if (explain.query) readStatement(explain.query, findings)
    findings.refuse('EXPLAIN reads the planner')
    return findings.mayWrite ? 'write' : 'opaque'
  }
  const [tag] = open(statement)
  const [kind, reason] = kinds.get(tag) ?? ['write', `${tag.replace(/Stmt$/, '')} is not a read`]
  if (reason !== undefined) findings.refuse(reason, kind === 'write')
  return kind
}

const weights: Record<Kind, number> = { transaction: 0, read: 1, session: 2, opaque: 3, write: 4 }

/** The kind of a text with several statements: the one that says most. */
export function heavier(a: Kind, b: Kind): Kind {
  return weights[b] > weights[a] ? b : a
}
