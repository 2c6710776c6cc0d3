import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DrizzleSnapshotJSON } from 'drizzle-kit/api'
import { errors } from './errors.ts'

/** One line of drizzle-kit's journal. */
export interface JournalEntry {
  readonly idx: number
  readonly version: string
  /** Milliseconds; Drizzle applies what is later than the last applied. */
  readonly when: number
  /** The file's name without `.sql`: `0003_add_slug`. */
  readonly tag: string
  readonly breakpoints: boolean
}

interface Journal {
  readonly version: string
  readonly dialect: string
  readonly entries: JournalEntry[]
}

const emptyJournal: Journal = { version: '7', dialect: 'postgresql', entries: [] }

/** The migrations of the folder in order, in drizzle-kit's own format; none if the folder doesn't exist. */
export function readJournal(folder: string): JournalEntry[] {
  const file = join(folder, 'meta', '_journal.json')
  if (!existsSync(file)) return []
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as Journal).entries
  } catch (cause) {
    throw errors.DATA_JOURNAL_BROKEN({ file }, { cause })
  }
}

/** The schema after the last migration; undefined before the first. */
export function lastSnapshot(folder: string): DrizzleSnapshotJSON | undefined {
  const last = readJournal(folder).at(-1)
  if (!last) return undefined
  const file = join(folder, 'meta', `${prefix(last.idx)}_snapshot.json`)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DrizzleSnapshotJSON
  } catch (cause) {
    throw errors.DATA_JOURNAL_BROKEN({ file }, { cause })
  }
}

/** Writes SQL, snapshot and journal as `drizzle-kit generate` would, so that either may make the next one. */
export function writeMigration(
  folder: string,
  migration: { name: string; statements: readonly string[]; snapshot: DrizzleSnapshotJSON },
): { tag: string; file: string } {
  const entries = readJournal(folder)
  const last = entries.at(-1)
  const idx = last ? last.idx + 1 : 0
  const tag = `${prefix(idx)}_${migration.name}`
  const meta = join(folder, 'meta')
  mkdirSync(meta, { recursive: true })
  const file = join(folder, `${tag}.sql`)
  writeFileSync(file, migration.statements.join('\n--> statement-breakpoint\n'))
  writeFileSync(join(meta, `${prefix(idx)}_snapshot.json`), JSON.stringify(migration.snapshot, null, 2))
  const when = Math.max(Date.now(), (last?.when ?? 0) + 1)
  const journal: Journal = {
    ...emptyJournal,
    entries: [...entries, { idx, version: '7', when, tag, breakpoints: true }],
  }
  // The journal last: what it doesn't name does not exist.
  writeFileSync(join(meta, '_journal.json'), JSON.stringify(journal, null, 2))
  return { tag, file }
}

function prefix(idx: number): string {
  return String(idx).padStart(4, '0')
}
