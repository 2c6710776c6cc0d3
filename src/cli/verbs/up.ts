import { bandTable } from '../bandTable.ts'
import type { Verb } from '../verb.ts'

export const up: Verb = {
  name: 'up',
  summary: 'run the whole architecture: database, feed, app workers, page cache and edge',
  async run({ terminal, settings, passOn }) {
    const { up: start } = await import('../../serve/index.ts')
    const resolved = await settings()
    await start(resolved, {
      args: passOn,
      print: terminal.out,
      onReady: (ports, tookMs) => {
        for (const line of bandTable(resolved, ports, tookMs, terminal.style)) terminal.out(line)
      },
    })
  },
}
