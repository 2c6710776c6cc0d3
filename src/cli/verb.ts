import type { Settings } from '../settings/index.ts'
import type { Terminal } from './terminal.ts'

/** One word of `quintet`: a file in `verbs/`. */
export interface Verb {
  readonly name: string
  /** One line for the list of verbs. */
  readonly summary: string
  /** In commander's words: `<role>` is required, `[name]` may be left out. */
  readonly arguments?: readonly { readonly syntax: string; readonly summary: string }[]
  /** Beside the options that all verbs have. */
  readonly options?: readonly { readonly flags: string; readonly summary: string }[]
  /** Resolves when done; throws a QuintetError that `main` prints. */
  run(context: VerbContext): Promise<void>
}

export interface VerbContext {
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  readonly terminal: Terminal
  /** Loads the settings on first use. */
  settings(): Promise<Settings>
  /** The options that make another process of ours read the same settings: `['--settings', 'production', …]`. */
  readonly passOn: readonly string[]
}
