import { loadModule, type ParseResult, parseSync } from 'libpg-query'
import { LRUCache } from 'lru-cache'
import type { SessionState } from '../data/index.ts'
import type { Catalog } from './catalog.ts'
import { Findings } from './sql/findings.ts'
import { isMoment } from './sql/moments.ts'
import { trustParameters } from './sql/narrow.ts'
import { heavier, readStatement } from './sql/statements.ts'
import type { Analysis } from './sql/template.ts'

export interface AnalyzerOptions {
  readonly catalog: Catalog
  /** Analyses kept per process. Default 2000. */
  readonly maxAnalyses?: number
}

/** Says what a text reads; each text is analysed once per search path, role and database (DESIGN §3, rule 12). */
export interface Analyzer {
  analyze(text: string, session: SessionState): Analysis
}

/** Loads PostgreSQL's parser, and makes an analyzer on it. */
export async function createAnalyzer({ catalog, maxAnalyses = 2_000 }: AnalyzerOptions): Promise<Analyzer> {
  await loadModule()
  const sessions = new Map<string, LRUCache<string, Analysis>>()
  let version = catalog.version

  return {
    analyze(text, session) {
      if (catalog.version !== version) {
        sessions.clear()
        version = catalog.version
      }
      const key = `${session.searchPath}\u0000${session.role}\u0000${session.database}`
      let known = sessions.get(key)
      if (!known) {
        if (sessions.size >= 64) sessions.clear()
        known = new LRUCache({ max: maxAnalyses })
        sessions.set(key, known)
      }
      const found = known.get(text)
      if (found) return found
      const analysis = analyzeOnce(text, session, catalog)
      known.set(text, analysis)
      return analysis
    },
  }
}

function analyzeOnce(text: string, session: SessionState, catalog: Catalog): Analysis {
  const parsed = parse(text)
  if (typeof parsed === 'string') return opaque(parsed, true)
  const state = catalog.state
  // Before the catalog is known a SELECT may be anything; what is no SELECT needs no catalog.
  if (!state) return opaque('the schema is being read anew', true)
  const findings = new Findings(state, (schema, name) =>
    catalog.resolve(schema, name, session.searchPath, session.role),
  )
  let kind: Analysis['kind'] = 'transaction'
  for (const { stmt } of parsed.stmts ?? []) {
    if (stmt) kind = heavier(kind, readStatement(stmt, findings))
  }
  // A refusal of one statement refuses the whole text.
  if (kind === 'read' && findings.reasons.size > 0) kind = 'opaque'
  const analysis: Analysis = {
    kind,
    templates: kind === 'read' ? trustParameters(findings.templates, findings) : [],
    mayWrite: findings.mayWrite,
    reasons: kind === 'read' || kind === 'transaction' ? [] : [...findings.reasons, ...findings.momentary],
    notes: [...findings.notes],
    clockParameters: clockParameters(findings),
  }
  if (kind !== 'read' || findings.momentary.size === 0) return analysis
  return { ...analysis, kind: 'opaque', templates: [], reasons: [...findings.momentary], aged: analysis }
}

function parse(text: string): ParseResult | string {
  try {
    return parseSync(text)
  } catch (error) {
    return `it can't be parsed: ${error instanceof Error ? error.message : String(error)}`
  }
}

function opaque(reason: string, mayWrite: boolean): Analysis {
  return { kind: 'opaque', templates: [], mayWrite, reasons: [reason], notes: [], clockParameters: [] }
}

/** Those that may be read as a date or time, which take words for the clock. */
function clockParameters({ parameters }: Findings): number[] {
  return [...parameters].flatMap(([number, { families, elsewhere }]) =>
    elsewhere || families.size === 0 || [...families].some(isMoment) ? [number] : [],
  )
}
