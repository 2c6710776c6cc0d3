import type { DedicatedConnection } from '../data/index.ts'
import { errors } from './errors.ts'

/** Text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * Checks that this server can tell its commits: a primary with logical decoding.
 * Returns its system identifier, null if the role may not know it.
 */
export async function checkServer(connection: DedicatedConnection): Promise<string | null> {
  const [row] = await connection.query(`
    select current_setting('wal_level') as level, pg_is_in_recovery() as standby, current_database() as database,
      case when has_function_privilege('pg_control_system()', 'execute')
        then (select system_identifier from pg_control_system()) end as system`)
  if (row?.standby === 't') throw errors.FEED_STANDBY({ database: row.database ?? '' })
  if (row?.level !== 'logical') throw errors.FEED_WAL_LEVEL({ level: row?.level ?? 'unknown' })
  return row.system ?? null
}

/** Checks that the publication tells every change to its tables, under the name of the table that has the row. */
export async function checkPublication(connection: DedicatedConnection, publication: string): Promise<void> {
  const [row] = await connection.query(`
    select current_database() as database, pub.oid, pub.pubviaroot as via_root,
      pub.pubinsert and pub.pubupdate and pub.pubdelete and pub.pubtruncate as complete,
      (select string_agg(prrelid::regclass::text, ', ') from pg_publication_rel
        where prpubid = pub.oid and prqual is not null) as filtered
    from (select) as one left join pg_publication pub on pub.pubname = ${literal(publication)}`)
  if (!row?.oid) throw errors.FEED_NO_PUBLICATION({ publication, database: row?.database ?? '' })
  const gap =
    row.complete !== 't'
      ? 'leaves out some kinds of changes'
      : row.via_root === 't'
        ? 'tells changes of partitions under the name of their root'
        : row.filtered
          ? `filters the rows of ${row.filtered}`
          : undefined
  if (gap) throw errors.FEED_PUBLICATION_PARTIAL({ publication, gap })
}

/** Checks that commits don't wait for the feed as if it were a standby; `processId` is its walsender's. */
export async function checkNotSynchronous(connection: DedicatedConnection, processId: number): Promise<void> {
  const [row] = await connection.query(`
    select sync_priority > 0 as synchronous, current_setting('synchronous_standby_names') as names
    from pg_stat_replication where pid = ${processId}`)
  if (row?.synchronous === 't') throw errors.FEED_SYNCHRONOUS({ names: row.names ?? '' })
}

/** Gives an error that the server answered with the name and remedy it deserves. */
export function explainRefusal(error: unknown, role: string): unknown {
  const reason = serverError(error)
  if (reason?.code === '42501')
    return errors.FEED_NO_PRIVILEGE({ role, reason: reason.message }, { cause: error })
  if (reason?.code === '53400' || (reason?.code === '53300' && /wal_senders/.test(reason.message)))
    return errors.FEED_NO_SLOT({ reason: reason.message }, { cause: error })
  return error
}

/** Gives the end of a connection its name. */
export function explainLoss(error: Error): Error {
  return errors.FEED_LOST({ reason: error.message.replace(/\.$/, '') }, { cause: error })
}

function serverError(error: unknown): { code?: string; message: string } | undefined {
  if (!(error instanceof Error)) return undefined
  return 'severity' in error ? (error as { code?: string; message: string }) : serverError(error.cause)
}
