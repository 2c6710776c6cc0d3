import { QuintetError } from '../core/index.ts'
import type { Terminal } from './terminal.ts'

/** What we know how to explain comes as a message and a remedy; anything else is a bug, and comes with its stack. */
export function printError(error: unknown, terminal: Terminal, debug: boolean): void {
  if (!(error instanceof QuintetError)) {
    terminal.err(error instanceof Error ? (error.stack ?? error.message) : `Thrown: ${String(error)}`)
    return
  }
  const { code, remedy } = error
  const message = error.message.slice(`${code}: `.length, -remedy.length).trimEnd()
  terminal.err(`${code}: ${message}\n${remedy}`)
  if (debug) terminal.err(`\n${stackOf(error)}`)
}

function stackOf(error: Error): string {
  const own = error.stack ?? ''
  return error.cause instanceof Error ? `${own}\nCaused by: ${stackOf(error.cause)}` : own
}
