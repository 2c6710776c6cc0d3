import type { Verb } from '../verb.ts'

export const explain: Verb = {
  name: 'explain',
  summary: 'why a page is or is not cached, what it depends on, what last purged it',
  arguments: [{ syntax: '<url>', summary: 'a path such as /article/hello, or a whole URL' }],
  options: [
    { flags: '--cookie <header>', summary: 'as this visitor: the whole Cookie header' },
    { flags: '--json', summary: 'as JSON' },
  ],
  async run({ args, options, terminal, settings }) {
    const { explain: ask } = await import('../../serve/index.ts')
    const { explanationLines } = await import('../explanationLines.ts')
    const cookie = options.cookie === undefined ? {} : { cookie: String(options.cookie) }
    const explanation = await ask(await settings(), args[0] ?? '', cookie)
    if (options.json) return terminal.out(JSON.stringify(explanation, null, 2))
    for (const line of explanationLines(explanation, terminal.style)) terminal.out(line)
  },
}
