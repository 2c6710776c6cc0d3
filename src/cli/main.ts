import { registerLoader } from './loader.ts'
import { printError } from './printError.ts'
import { runProgram, UsageError } from './program.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { verbs } from './verbs/index.ts'

/** The program `quintet`. Resolves to the exit code: 0, 1 for a failure, 2 for wrong usage. */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  registerLoader()
  const debug = argv.includes('--debug') || Boolean(process.env.QUINTET_DEBUG)
  try {
    await runProgram(verbs, argv, terminal)
    return 0
  } catch (error) {
    const usage = error instanceof UsageError
    printError(usage ? error.cause : error, terminal, debug)
    return usage ? 2 : 1
  }
}
