/** What a statement leaves behind on its connection. */
export interface SessionEffects {
  /**
   * `session`: until the connection is reset, a text may mean something else (SET, a temporary table …).
   * `transaction`: until the transaction ends (SET LOCAL, an imported snapshot).
   */
  readonly alters: 'session' | 'transaction' | 'nothing'
  /** True for DISCARD ALL: the connection is as new. */
  readonly resets: boolean
  /** True if the server's prepared statements are gone (DISCARD ALL, DEALLOCATE). */
  readonly forgetsStatements: boolean
}

const nothing: SessionEffects = { alters: 'nothing', resets: false, forgetsStatements: false }
const severity = { nothing: 0, transaction: 1, session: 2 }

/** Any text without one of these words has no effects: the cheap test that nearly every query ends with. */
const suspicious =
  /\b(?:set|set_config|reset|discard|deallocate|prepare|declare|load|do|call|temp|temporary|pg_temp|dblink_connect)\b/i

const start = String.raw`(?:^|;)\s*`
const sessionStatements = new RegExp(
  `${start}(?:set\\s+(?!(?:local|transaction|constraints)\\b)|reset\\b|discard\\b|load\\b|do\\b|call\\b|prepare\\s+(?!transaction\\b)|declare\\b[^;]*\\bwith\\s+hold\\b|create\\s+(?:or\\s+replace\\s+)?(?:local\\s+|global\\s+)?(?:temp|temporary)\\b)`,
  'i',
)
const transactionStatements = new RegExp(
  `${start}(?:set\\s+(?:local|constraints)\\b|set\\s+transaction\\s+snapshot\\b|declare\\b)`,
  'i',
)
const localConfig = /\bset_config\s*\([^()]*,\s*true\s*\)/gi
const anyConfig =
  /\bset_config\b|\bpg_temp\b|\binto\s+(?:local\s+|global\s+)?(?:temp|temporary)\b|\bdblink_connect\b/i
const discardAll = /^\s*discard\s+all\s*;?\s*$/i
const deallocate = new RegExp(`${start}(?:deallocate\\b|discard\\s+(?:all|plans)\\b)`, 'i')

const remembered = new Map<string, SessionEffects>()
const mostRemembered = 1_000

/**
 * Reads the effects off the text. It errs to the safe side: a word in a comment or a string may be taken for a
 * statement, and the connection is then merely not reused. What a function of the app's own does inside (such as
 * `set_config` in PL/pgSQL) can't be seen in the text; the server's own reports cover the search path there.
 */
export function sessionEffects(text: string): SessionEffects {
  if (!suspicious.test(text)) return nothing
  const known = remembered.get(text)
  if (known) return known
  // What is a comment and what a string depends on settings of the server too: the worst of the readings counts.
  const found = [text, text.replace(anyComment, ' '), withoutComments(text)].map(read).reduce(worse)
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(text, found)
  return found
}

function worse(one: SessionEffects, other: SessionEffects): SessionEffects {
  return {
    alters: severity[one.alters] > severity[other.alters] ? one.alters : other.alters,
    resets: one.resets && other.resets,
    forgetsStatements: one.forgetsStatements || other.forgetsStatements,
  }
}

const anyComment = /--[^\n]*|\/\*[\s\S]*?\*\//g
/** Strings, quoted names and dollar quotes, as wholes; a comment to the line's end; the beginning of one in between. */
const quotedOrComment =
  /\be'(?:[^'\\]|\\[\s\S]|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$([a-z_]\w*)?\$[\s\S]*?\$\1\$|--[^\n\r]*|\/\*/gi

/** The text with a space for each comment, as PostgreSQL's lexer finds them: not in strings, and one in another. */
function withoutComments(text: string): string {
  let kept = ''
  let from = 0
  quotedOrComment.lastIndex = 0
  for (let found = quotedOrComment.exec(text); found; found = quotedOrComment.exec(text)) {
    const begun = found[0]
    if (begun !== '/*' && !begun.startsWith('--')) continue
    const end = begun === '/*' ? commentEnd(text, found.index) : quotedOrComment.lastIndex
    kept += `${text.slice(from, found.index)} `
    from = end
    quotedOrComment.lastIndex = end
  }
  return kept + text.slice(from)
}

function commentEnd(text: string, start: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = start
  let depth = 0
  for (let found = marks.exec(text); found; found = marks.exec(text)) {
    depth += found[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
  return text.length
}

function read(text: string): SessionEffects {
  if (discardAll.test(text)) return { alters: 'nothing', resets: true, forgetsStatements: true }
  const forgetsStatements = deallocate.test(text)
  if (sessionStatements.test(text) || anyConfig.test(text.replace(localConfig, ' '))) {
    return { alters: 'session', resets: false, forgetsStatements }
  }
  localConfig.lastIndex = 0
  const alters = transactionStatements.test(text) || localConfig.test(text) ? 'transaction' : 'nothing'
  return { alters, resets: false, forgetsStatements }
}
