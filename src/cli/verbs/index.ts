import type { Verb } from '../verb.ts'
import { settings } from './settings.ts'
import { sql } from './sql.ts'

/** Every verb, in the order in which they are listed. */
export const verbs: readonly Verb[] = [settings, sql]
