import type { Verb } from '../verb.ts'
import { migrate } from './migrate.ts'
import { settings } from './settings.ts'
import { sql } from './sql.ts'

/** Every verb, in the order in which they are listed. Each imports the heavy rooms only when it runs. */
export const verbs: readonly Verb[] = [settings, sql, migrate]
