import type { Database } from './database.ts'
import { errors } from './errors.ts'

const oldestVersion = 150_000

/** What {@link checkDatabase} learned. */
export interface ServerFacts {
  /** As `server_version_num`: 180004. */
  readonly version: number
  readonly maxConnections: number
}

/**
 * Checks, before anything starts, that the server can carry the feed. Throws DATA_UNREACHABLE, DATA_VERSION,
 * DATA_WAL_LEVEL, DATA_REPLICATION_SLOTS or DATA_REPLICATION_PRIVILEGE.
 */
export async function checkDatabase(database: Pick<Database, 'internal'>): Promise<ServerFacts> {
  const { rows } = await database.internal.query<Record<string, string>>(
    `select name, setting from pg_settings where name in
       ('server_version', 'server_version_num', 'wal_level', 'max_replication_slots', 'max_wal_senders', 'max_connections')`,
  )
  const settings = Object.fromEntries(rows.map(row => [row.name, row.setting ?? '']))
  const version = Number(settings.server_version_num)
  if (version < oldestVersion) throw errors.DATA_VERSION({ version: settings.server_version ?? '' })
  if (settings.wal_level !== 'logical') throw errors.DATA_WAL_LEVEL({ level: settings.wal_level ?? '' })
  for (const setting of ['max_replication_slots', 'max_wal_senders']) {
    const value = Number(settings[setting])
    if (value < 1) throw errors.DATA_REPLICATION_SLOTS({ setting, value })
  }
  const privilege = await database.internal.query<{ role: string; may: boolean }>(
    `select current_user as role, rolsuper or rolreplication or exists (
       select from pg_roles managed where managed.rolname = 'rds_replication' and pg_has_role(managed.oid, 'member')
     ) as may from pg_roles where rolname = current_user`,
  )
  const [role] = privilege.rows
  if (role && !role.may) throw errors.DATA_REPLICATION_PRIVILEGE({ role: role.role })
  return { version, maxConnections: Number(settings.max_connections) }
}
