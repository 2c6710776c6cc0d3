import { relative, resolve } from 'node:path'
import type { Verb } from '../verb.ts'

export const makemigrations: Verb = {
  name: 'makemigrations',
  summary: "write the migration from the last one to the app's models",
  arguments: [{ syntax: '[name]', summary: "the file's name after its number; default: from what it does" }],
  options: [
    { flags: '--drop', summary: 'what went and what came are different things: the old data goes' },
    { flags: '--ask', summary: 'ask what was renamed' },
  ],
  async run({ args, options, terminal, settings }) {
    const { makeMigrations } = await import('../../data/index.ts')
    const { loadApp } = await import('../../serve/index.ts')
    const resolved = await settings()
    const { models } = await loadApp(resolved)
    const made = await makeMigrations({
      migrations: resolve(resolved.root, resolved.database.migrations),
      models,
      name: args[0],
      renames: options.ask ? 'ask' : options.drop ? 'drop' : 'refuse',
    })
    if (!made) return terminal.out('The models have not changed since the last migration.')
    terminal.out(`Wrote ${relative(resolved.root, made.file)}:`)
    for (const statement of made.statements)
      terminal.out(terminal.style('dim', statement.replaceAll(/^/gm, '  ')))
    terminal.out('Read it, then apply it with `quintet migrate`.')
  },
}
