import type { Database } from './database.ts'
import { errors } from './errors.ts'

/** Asks the database; the listeners of the app's queries don't hear of it. */
type Ask = Database['internal']['query']

/** What {@link prepareFeed} found and did. */
export interface FeedPreparation {
  readonly publication: string
  /** Schema-qualified, unquoted, sorted: the tables whose changes are published. */
  readonly tables: readonly string[]
  /** Whether schema changes are announced in the log. False: the feed must compare the catalog itself. */
  readonly announcesDdl: boolean
  /** What could not be done and why, in words; empty when all is well. */
  readonly notes: readonly string[]
}

/** Not `quintet`: a role of that name would find it first in its search path, and make the app's tables there. */
const ownSchema = 'quintet_feed'

/** Schemas that hold no tables of the app: PostgreSQL's, Drizzle's journal, and our own. */
const foreignSchemas = ['pg_catalog', 'information_schema', 'pg_toast', 'drizzle', ownSchema]

interface Table {
  readonly name: string
  readonly quoted: string
  readonly oid: string
  readonly partition: boolean
  readonly identity: 'd' | 'n' | 'f' | 'i'
  readonly virtual: boolean
  readonly keyed: boolean
}

/**
 * Makes the database tell the feed everything: a publication of all ordinary tables, whole old rows in the log
 * (REPLICA IDENTITY FULL), and a message for every change of the schema. Changes only what differs, so running it
 * again is silent. Throws DATA_PUBLICATION_DENIED.
 */
export function prepareFeed(
  database: Pick<Database, 'internal'>,
  publication: string,
): Promise<FeedPreparation> {
  return prepareFeedWith(database.internal.query, publication)
}

export async function prepareFeedWith(ask: Ask, publication: string): Promise<FeedPreparation> {
  const notes: string[] = []
  const tables = await listTables(ask)
  for (const table of tables) {
    // With FULL, updates and deletes fail on a table with virtual generated columns, which can't be published.
    const wanted = table.virtual ? (table.keyed ? 'd' : undefined) : 'f'
    if (wanted === undefined || table.identity === wanted) continue
    const failure = await denied(
      ask(`alter table ${table.quoted} replica identity ${wanted === 'f' ? 'full' : 'default'}`),
    )
    if (failure) notes.push(`${table.name}: its replica identity can't be set (${failure}).`)
  }

  const published = tables.filter(table => !table.partition && (!table.virtual || table.keyed))
  for (const table of tables) {
    if (table.virtual && !table.keyed) {
      notes.push(`${table.name}: not published, as it has virtual generated columns and no primary key.`)
    }
  }
  await ensurePublication(ask, publication, published)
  const failure = await denied(ensureAnnouncement(ask))
  if (failure)
    notes.push(`Schema changes are not announced: this role may not create event triggers (${failure}).`)
  return {
    publication,
    tables: published.map(table => table.name).sort(),
    announcesDdl: failure === undefined,
    notes,
  }
}

/** Permanent tables, partitioned ones and their partitions. */
async function listTables(ask: Ask): Promise<Table[]> {
  const { rows } = await ask<Table>(
    `select n.nspname || '.' || c.relname as name, format('%I.%I', n.nspname, c.relname) as quoted, c.oid::text,
       c.relispartition as partition, c.relreplident as identity,
       exists (select from pg_attribute a where a.attrelid = c.oid and not a.attisdropped and a.attgenerated = 'v') as virtual,
       exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary) as keyed
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relpersistence = 'p'
       and n.nspname <> all ($1) and n.nspname not like 'pg\\_temp\\_%' and n.nspname not like 'pg\\_toast\\_temp\\_%'
       and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 1`,
    [foreignSchemas],
  )
  return rows
}

/** Partitions are published by their root; each change still names the partition it happened in. */
async function ensurePublication(ask: Ask, name: string, tables: readonly Table[]): Promise<void> {
  const quoted = quote(name)
  const list = tables.map(table => table.quoted).join(', ')
  const version = Number(
    (await ask<{ v: string }>(`select current_setting('server_version_num') as v`)).rows[0]?.v,
  )
  const options = [
    `publish = 'insert, update, delete, truncate'`,
    'publish_via_partition_root = false',
    ...(version >= 180_000 ? ['publish_generated_columns = stored'] : []),
  ].join(', ')
  const { rows } = await ask<{ all: boolean; complete: boolean; generated: string | null }>(
    `select puballtables as all, pubinsert and pubupdate and pubdelete and pubtruncate and not pubviaroot as complete,
       to_jsonb(p) ->> 'pubgencols' as generated
     from pg_publication p where pubname = $1`,
    [name],
  )
  const existing = rows[0]
  if (!existing) {
    await orDenied(
      name,
      ask(`create publication ${quoted} ${list ? `for table ${list}` : ''} with (${options})`),
    )
    return
  }
  if (!existing.complete || (version >= 180_000 && existing.generated !== 's')) {
    await orDenied(name, ask(`alter publication ${quoted} set (${options})`))
  }
  if (existing.all) return
  // A row filter or a column list would hide changes: such a table counts as missing, and is set anew.
  const members = await ask<{ oid: string }>(
    `select r.prrelid::text as oid from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
     where p.pubname = $1 and r.prqual is null and r.prattrs is null`,
    [name],
  )
  const filtered = await ask(
    `select from pg_publication_rel r join pg_publication p on p.oid = r.prpubid
     where p.pubname = $1 and (r.prqual is not null or r.prattrs is not null)
     union all select from pg_publication_namespace s join pg_publication p on p.oid = s.pnpubid where p.pubname = $1`,
    [name],
  )
  const have = members.rows.map(row => row.oid).sort()
  const want = tables.map(table => table.oid).sort()
  if (filtered.rowCount === 0 && have.join() === want.join()) return
  if (list) await orDenied(name, ask(`alter publication ${quoted} set table ${list}`))
  else await orDenied(name, ask(`drop publication ${quoted}; create publication ${quoted} with (${options})`))
}

/**
 * Temporary tables change nothing that is shared, so they are left out, and so is what changes neither the meaning nor
 * the result of anything that is cached (a materialized view's reads never are). A CREATE or ALTER TABLE that lists no
 * command did nothing (IF NOT EXISTS), or belongs to the temporary table of REFRESH … CONCURRENTLY. A DROP is told by
 * sql_drop, which knows what was dropped; the rules of a temporary view don't say that they are temporary.
 */
const announcement = `
declare temporary boolean;
begin
  if tg_tag in ('REFRESH MATERIALIZED VIEW', 'REINDEX', 'COMMENT', 'CREATE STATISTICS', 'ALTER STATISTICS', 'DROP STATISTICS') then
    return;
  elsif tg_event = 'sql_drop' then
    select pg_catalog.bool_and(o.is_temporary) filter (where o.object_type <> 'rule') into temporary from pg_catalog.pg_event_trigger_dropped_objects() o;
  elsif tg_tag like 'DROP %' and tg_tag <> 'DROP OWNED' then
    return;
  else
    select coalesce(pg_catalog.bool_and(coalesce(c.schema_name = 'pg_temp', false)), tg_tag in ('CREATE TABLE', 'ALTER TABLE')) into temporary from pg_catalog.pg_event_trigger_ddl_commands() c;
  end if;
  if temporary then return; end if;
  perform pg_catalog.pg_logical_emit_message(true, 'quintet.ddl', tg_tag);
end`

/** All in one transaction: either the triggers are there, or nothing is. */
async function ensureAnnouncement(ask: Ask): Promise<void> {
  const { rows } = await ask<{ source: string; triggers: number }>(
    `select p.prosrc as source,
       (select count(*)::int from pg_event_trigger t where t.evtfoid = p.oid and t.evtenabled = 'A') as triggers
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = '${ownSchema}' and p.proname = 'announce_ddl'`,
  )
  if (rows[0]?.source === announcement && rows[0].triggers === 2) return
  await ask(`begin;
    create schema if not exists ${ownSchema};
    create or replace function ${ownSchema}.announce_ddl() returns event_trigger language plpgsql
      set search_path = pg_catalog as $announce$${announcement}$announce$;
    drop event trigger if exists quintet_ddl;
    drop event trigger if exists quintet_drop;
    create event trigger quintet_ddl on ddl_command_end execute function ${ownSchema}.announce_ddl();
    create event trigger quintet_drop on sql_drop execute function ${ownSchema}.announce_ddl();
    alter event trigger quintet_ddl enable always;
    alter event trigger quintet_drop enable always;
    commit`)
}

/** The server's words if the role may not do it; throws anything else. */
async function denied(doing: Promise<unknown>): Promise<string | undefined> {
  try {
    await doing
    return undefined
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error
    return (error as Error).message
  }
}

async function orDenied(publication: string, doing: Promise<unknown>): Promise<void> {
  const reason = await denied(doing)
  if (reason) throw errors.DATA_PUBLICATION_DENIED({ publication, reason })
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
