import { resolve } from 'node:path'
import type { Verb } from '../verb.ts'

export const migrate: Verb = {
  name: 'migrate',
  summary: "bring the database up to the app's migrations, and set up the commit feed",
  options: [{ flags: '--pending', summary: 'only list what would be applied' }],
  async run({ options, terminal, settings }) {
    const { withAddress } = await import('../reachDatabase.ts')
    const data = await import('../../data/index.ts')
    const resolved = await settings()
    const { publication } = resolved.database
    const migrations = resolve(resolved.root, resolved.database.migrations)
    if (options.pending) {
      const pending = await withAddress(resolved, address =>
        data.pendingMigrations({ ...address, migrations }),
      )
      return terminal.out(pending.length === 0 ? 'Nothing is pending.' : pending.join('\n'))
    }
    const { applied, feed } = await withAddress(resolved, address =>
      data.migrate({ ...address, migrations, publication }),
    )
    for (const tag of applied) terminal.out(`applied ${tag}`)
    if (applied.length === 0) terminal.out('Nothing was pending.')
    terminal.out(
      `The feed publishes ${feed.tables.length} ${feed.tables.length === 1 ? 'table' : 'tables'} (${feed.publication}).`,
    )
    for (const note of feed.notes) terminal.err(`Note: ${note}`)
  },
}
