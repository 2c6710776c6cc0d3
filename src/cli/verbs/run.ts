import type { Verb } from '../verb.ts'

export const run: Verb = {
  name: 'run',
  summary: 'run one role in this process, for hosts with a supervisor of their own',
  arguments: [{ syntax: '<role>', summary: 'edge, app or feed' }],
  options: [{ flags: '--index <number>', summary: 'which of the app workers this is, from 1' }],
  async run({ args, options, settings }) {
    const { runRole } = await import('../../serve/index.ts')
    await runRole(args[0] ?? '', await settings(), { index: Number(options.index ?? 1) })
  },
}
