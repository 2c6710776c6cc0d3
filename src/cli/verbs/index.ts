import type { Verb } from '../verb.ts'
import { explain } from './explain.ts'
import { makemigrations } from './makemigrations.ts'
import { migrate } from './migrate.ts'
import { run } from './run.ts'
import { settings } from './settings.ts'
import { sql } from './sql.ts'
import { status } from './status.ts'
import { up } from './up.ts'
import { watch } from './watch.ts'

/** Every verb, in the order in which they are listed. Each imports the heavy rooms only when it runs. */
export const verbs: readonly Verb[] = [
  up,
  status,
  explain,
  watch,
  settings,
  sql,
  makemigrations,
  migrate,
  run,
]
