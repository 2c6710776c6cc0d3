import { columns } from '../table.ts'
import type { Verb } from '../verb.ts'

export const status: Verb = {
  name: 'status',
  summary: 'what runs, and how it is',
  options: [{ flags: '--json', summary: 'as JSON' }],
  async run({ options, terminal, settings }) {
    const { status: ask } = await import('../../serve/index.ts')
    const band = await ask(await settings())
    if (options.json) return terminal.out(JSON.stringify(band, null, 2))
    terminal.out(terminal.style('bold', `${band.environment}, process ${band.pid}`))
    const rows = band.processes.map(one => [
      one.name,
      one.state,
      String(one.pid ?? '-'),
      `since ${new Date(one.since).toISOString()}`,
      one.restarts === 0 ? '' : `restarted ${one.restarts} times`,
    ])
    for (const line of columns(rows)) terminal.out(line)
  },
}
