import { isDeepStrictEqual } from 'node:util'
import type { DrizzleSnapshotJSON } from 'drizzle-kit/api'
import { errors } from './errors.ts'
import { lastSnapshot, writeMigration } from './migrationFiles.ts'

export interface MakeMigrationsOptions {
  /** Folder of the migrations, as `./migrations`. */
  readonly migrations: string
  /** The app's Drizzle tables, enums, views and relations; other values are ignored. */
  readonly models: Readonly<Record<string, unknown>>
  /** The file's name after its number; default: made from the first statement. */
  readonly name?: string
  /**
   * What to do when something appeared where something else went, which may be a rename.
   * `refuse` (default): throw DATA_RENAME_UNCLEAR. `drop`: they are different things, the old one's data goes.
   * `ask`: let drizzle-kit ask, which needs a terminal.
   */
  readonly renames?: 'refuse' | 'drop' | 'ask'
}

export interface MadeMigration {
  readonly tag: string
  readonly file: string
  readonly statements: readonly string[]
}

/** Writes the migration from the last snapshot to the models; undefined if nothing changed. */
export async function makeMigrations(options: MakeMigrationsOptions): Promise<MadeMigration | undefined> {
  // 300 ms to load and only needed here.
  const { generateDrizzleJson, generateMigration } = await import('drizzle-kit/api')
  const last = lastSnapshot(options.migrations)
  const before = last ?? generateDrizzleJson({})
  const after = generateDrizzleJson({ ...options.models }, last?.id)
  const renames = possibleRenames(before, after)
  const policy = options.renames ?? 'refuse'
  if (renames.length > 0 && policy === 'refuse') throw errors.DATA_RENAME_UNCLEAR({ renames })
  const statements =
    renames.length > 0 && policy === 'drop'
      ? await dropThenAdd(generateMigration, before, after)
      : await generateMigration(before, after)
  if (statements.length === 0) return undefined
  const name = fileName(options.name ?? describe(statements, last === undefined))
  return { ...writeMigration(options.migrations, { name, statements, snapshot: after }), statements }
}

type Snapshot = DrizzleSnapshotJSON
type Generate = (before: Snapshot, after: Snapshot) => Promise<string[]>
type Named = Readonly<Record<string, unknown>>
/** A table of a snapshot; drizzle-kit's declarations leave it open. */
type TableJson = { name: string } & Partial<Record<(typeof parts)[number], Record<string, unknown>>>

/** The kinds of things of a snapshot that drizzle-kit would ask about. */
const kinds = ['tables', 'enums', 'schemas', 'sequences', 'views', 'roles', 'policies'] as const
/** What a table holds by name, columns first. */
const parts = [
  'columns',
  'indexes',
  'foreignKeys',
  'compositePrimaryKeys',
  'uniqueConstraints',
  'policies',
  'checkConstraints',
] as const

/** In words, every place where something went and something else of its kind came. */
function possibleRenames(before: Snapshot, after: Snapshot): string[] {
  const found: string[] = []
  for (const kind of kinds) compare(kind, before[kind], after[kind])
  for (const [name, table] of Object.entries(tablesOf(after))) {
    const old = tablesOf(before)[name]
    if (!old) continue
    compare(`columns of ${table.name}`, old.columns, table.columns)
    compare(`policies of ${table.name}`, old.policies, table.policies)
  }
  return found

  function compare(what: string, old: Named = {}, now: Named = {}): void {
    const gone = Object.keys(old).filter(key => !(key in now))
    const come = Object.keys(now).filter(key => !(key in old))
    if (gone.length > 0 && come.length > 0) found.push(`${what}: ${gone.join(', ')} → ${come.join(', ')}`)
  }
}

/**
 * In two steps, first what goes and then what comes, neither of which leaves drizzle-kit anything to ask. What a
 * table holds besides columns is dropped and made anew when it differs, as it may stand on a dropped column.
 */
async function dropThenAdd(generate: Generate, before: Snapshot, after: Snapshot): Promise<string[]> {
  const between = structuredClone(before)
  between.id = after.id
  for (const kind of kinds) keepCommon(between[kind], after[kind])
  for (const [name, table] of Object.entries(tablesOf(between))) {
    const now = tablesOf(after)[name]
    if (!now) continue
    for (const part of parts) keepCommon(table[part], now[part], part !== 'columns')
  }
  return [...(await generate(before, between)), ...(await generate(between, after))]
}

function tablesOf(snapshot: Snapshot): Record<string, TableJson> {
  return snapshot.tables as Record<string, TableJson>
}

function keepCommon(old: Record<string, unknown> = {}, now: Named = {}, onlyEqual = false): void {
  for (const key of Object.keys(old)) {
    if (!(key in now) || (onlyEqual && !isDeepStrictEqual(old[key], now[key]))) delete old[key]
  }
}

/** `create_articles`, `alter_users`: from the first statement. */
function describe(statements: readonly string[], first: boolean): string {
  if (first) return 'initial'
  const match =
    /^\s*(create|alter|drop)\s+(?:unique\s+)?(table|index|type|view|schema|sequence)\s+(?:if (?:not )?exists\s+)?(\S+)/i.exec(
      statements[0] ?? '',
    )
  if (!match?.[1] || !match[3]) return 'change'
  const last = match[3].split('.').at(-1) ?? ''
  return `${match[1]}_${last.replaceAll('"', '')}`
}

function fileName(name: string): string {
  return (
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '_')
      .replace(/^_+|_+$/g, '') || 'change'
  )
}
