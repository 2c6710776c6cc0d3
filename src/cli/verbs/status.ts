import type { Verb } from '../verb.ts'

export const status: Verb = {
  name: 'status',
  summary: 'what runs, and how it is',
  options: [{ flags: '--json', summary: 'as JSON' }],
  async run({ options, terminal, settings }) {
    const { status: ask } = await import('../../serve/index.ts')
    const { statusLines } = await import('../statusLines.ts')
    const band = await ask(await settings())
    if (options.json) return terminal.out(JSON.stringify(band, null, 2))
    for (const line of statusLines(band, Date.now(), terminal.style)) terminal.out(line)
  },
}
