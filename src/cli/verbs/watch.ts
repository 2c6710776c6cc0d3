import type { Verb } from '../verb.ts'

export const watch: Verb = {
  name: 'watch',
  summary: 'every commit as it comes, and the pages it purged; until Ctrl-C',
  options: [{ flags: '--json', summary: 'a line of JSON for each' }],
  async run({ options, terminal, settings }) {
    const { watch: hear } = await import('../../serve/index.ts')
    const { watchLine } = await import('../watchLine.ts')
    const told = new AbortController()
    const stop = (): void => told.abort()
    process.once('SIGINT', stop)
    process.once('SIGTERM', stop)
    try {
      await hear(
        await settings(),
        event => terminal.out(options.json ? JSON.stringify(event) : watchLine(event, terminal.style)),
        told.signal,
      )
    } finally {
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
    }
  },
}
