import { defineErrors } from '../core/index.ts'

export const errors = defineErrors({
  CLI_UNKNOWN_VERB: {
    message: (f: { verb: string; known: readonly string[]; meant: string | undefined }) =>
      `There is no verb '${f.verb}'.`,
    remedy: f => (f.meant ? `Did you mean 'quintet ${f.meant}'?` : `There are: ${f.known.join(', ')}.`),
  },
  CLI_UNKNOWN_OPTION: {
    message: (f: { option: string; verb: string; known: readonly string[]; meant: string | undefined }) =>
      `'quintet ${f.verb}' has no option '${f.option}'.`,
    remedy: f => (f.meant ? `Did you mean '${f.meant}'?` : `It has: ${f.known.join(', ')}.`),
  },
  CLI_BAD_USAGE: {
    message: (f: { reason: string; verb: string }) => `${f.reason}.`,
    remedy: f => `'quintet ${f.verb} --help' shows how it is written.`,
  },
  CLI_SQL_FAILED: {
    message: (f: { reason: string; state: string; hint: string | undefined }) =>
      `PostgreSQL refused the statement: ${f.reason} (SQLSTATE ${f.state}).`,
    remedy: f => f.hint ?? 'Correct the statement.',
  },
})
