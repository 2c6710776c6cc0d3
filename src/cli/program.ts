import { resolve } from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { nearest } from '../core/index.ts'
import { loadSettings, type Settings } from '../settings/index.ts'
import { errors } from './errors.ts'
import type { Terminal } from './terminal.ts'
import type { Verb } from './verb.ts'

/** Wrong usage, as told from failure: exit code 2. */
export class UsageError extends Error {}

/** Runs the verb that the arguments ask for. Throws UsageError (its cause says what is wrong), or what the verb throws. */
export async function runProgram(
  verbs: readonly Verb[],
  argv: readonly string[],
  terminal: Terminal,
): Promise<void> {
  const program = new Command('quintet')
    .description('A TypeScript web framework that comes with its own production architecture.')
    .usage('<verb> [options]')
    .helpCommand(false)
    .configureHelp({ subcommandTerm: verb => verb.name() })
  quiet(program, terminal)
  for (const verb of verbs) program.addCommand(commandOf(verb, terminal))
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return // help was asked for and printed
    throw new UsageError('wrong usage', { cause: explain(error, program, argv) })
  }
}

function commandOf(verb: Verb, terminal: Terminal): Command {
  const command = new Command(verb.name).description(verb.summary)
  quiet(command, terminal)
  for (const { syntax, summary } of verb.arguments ?? []) command.argument(syntax, summary)
  for (const { flags, summary } of verb.options ?? []) command.option(flags, summary)
  command
    .option('--root <folder>', "the app's folder", '.')
    .option('--settings <environment>', 'the settings module; default QUINTET_SETTINGS, else development')
    .addOption(
      new Option('--set <name=value>', 'a setting that wins over all others')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--debug', 'print stacks')
  command.action(async () => {
    const options = command.opts<{ root: string; settings?: string; set: string[] }>()
    let loaded: Promise<Settings> | undefined
    await verb.run({
      args: command.args,
      options,
      terminal,
      passOn: [
        ...(options.settings ? ['--settings', options.settings] : []),
        ...options.set.flatMap(text => ['--set', text]),
      ],
      settings() {
        loaded ??= loadSettings({
          root: resolve(options.root),
          environment: options.settings,
          set: options.set,
        })
        return loaded
      },
    })
  })
  return command
}

function collect(text: string, before: string[]): string[] {
  return [...before, text]
}

/** Errors are ours to word; help goes where everything goes. */
function quiet(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({ writeOut: text => terminal.out(text.trimEnd()), writeErr: () => {} })
}

function explain(error: CommanderError, program: Command, argv: readonly string[]): Error {
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? ''
  const command = program.commands.find(one => one.name() === argv[0]) ?? program
  const verb = command === program ? '' : command.name()
  if (error.code === 'commander.unknownCommand') {
    const known = program.commands.map(one => one.name())
    return errors.CLI_UNKNOWN_VERB({ verb: quoted, known, meant: nearest(quoted, known) })
  }
  if (error.code === 'commander.unknownOption') {
    const known = [...command.options.flatMap(one => one.long ?? []), '--help']
    const option = quoted.split('=')[0] ?? quoted
    return errors.CLI_UNKNOWN_OPTION({ option, verb, known, meant: nearest(option, known) })
  }
  const reason = error.message.replace(/^error: /, '').replace(/\.$/, '')
  return errors.CLI_BAD_USAGE({ reason: reason.charAt(0).toUpperCase() + reason.slice(1), verb })
}
