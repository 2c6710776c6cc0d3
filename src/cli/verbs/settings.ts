import { advise, describeSettings } from '../../settings/index.ts'
import { columns } from '../table.ts'
import type { Verb } from '../verb.ts'

export const settings: Verb = {
  name: 'settings',
  summary: 'print every setting with its value and where it comes from',
  options: [{ flags: '--json', summary: 'as JSON' }],
  async run({ options, terminal, settings }) {
    const resolved = await settings()
    const rows = describeSettings(resolved)
    if (options.json) {
      const { environment, root } = resolved
      terminal.out(JSON.stringify({ environment, root, settings: rows, advice: advise(resolved) }, null, 2))
      return
    }
    terminal.out(terminal.style('bold', `${resolved.environment} (${resolved.root})`))
    const lines = columns(rows.map(({ name, value, origin }) => [name, value, origin]))
    lines.forEach((line, index) => {
      // what the app said stands out from what it left alone
      terminal.out(rows[index]?.origin.startsWith('default') ? terminal.style('dim', line) : line)
    })
    for (const advice of advise(resolved)) terminal.err(`Warning: ${advice}`)
  },
}
