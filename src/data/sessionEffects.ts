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
  const found = read(text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' '))
  if (remembered.size >= mostRemembered) remembered.clear()
  remembered.set(text, found)
  return found
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
