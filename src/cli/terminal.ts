import { styleText } from 'node:util'

type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Where a verb writes. Injected, so that a test can read it. */
export interface Terminal {
  /** Writes one line (or several) to standard output. */
  out(text: string): void
  /** Writes one line (or several) to standard error. */
  err(text: string): void
  /** The text in a style if people are looking at standard output, as it is otherwise. */
  style(format: Format, text: string): string
}

/** The process's own. Colours only on a terminal, and not under NO_COLOR. */
export function processTerminal(): Terminal {
  const colours = process.stdout.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb'
  // a reader that has seen enough (`| head`) is no error
  process.stdout.on('error', error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  })
  return {
    out: text => void process.stdout.write(`${text}\n`),
    err: text => void process.stderr.write(`${text}\n`),
    style: (format, text) => (colours ? styleText(format, text, { validateStream: false }) : text),
  }
}
