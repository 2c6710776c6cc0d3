import type { DedicatedConnection } from '../data/index.ts'

/** The OID of the first object that is not part of PostgreSQL itself. */
const firstOwnOid = 16_384

/**
 * One text that differs whenever something differs on which the meaning of a query or the completeness of the
 * feed depends. Built from the rows' `xmin` (which transaction wrote them), except for pg_class, whose rows are
 * also rewritten by TRUNCATE, CREATE INDEX and the like: there the columns that matter are taken. Temporary
 * objects are left out: nothing that reads them is cached.
 */
const fingerprintSql = `
with own_namespace as materialized (
  select oid from pg_namespace where nspname !~ '^pg_(temp|toast)'
), own_class as materialized (
  select c.* from pg_class c
  where c.oid >= ${firstOwnOid} and c.relkind in ('r', 'v', 'p', 'f') and c.relpersistence <> 't'
), parts (name, fact) as (
  select 'namespace', concat_ws(':', oid, nspname, nspacl, nspowner) from pg_namespace where nspname !~ '^pg_(temp|toast)'
  union all select 'class', concat_ws(':', oid, relname, relnamespace, relowner, relkind, relpersistence,
    relrowsecurity, relforcerowsecurity, relreplident, relispartition, relacl, reloptions, relpartbound) from own_class
  union all select 'attribute', concat_ws(':', a.attrelid, a.attnum, a.xmin) from pg_attribute a
    join own_class c on c.oid = a.attrelid where a.attnum > 0
  union all select 'default', concat_ws(':', d.oid, d.xmin) from pg_attrdef d join own_class c on c.oid = d.adrelid
  union all select 'inherits', concat_ws(':', inhrelid, inhparent, i.xmin) from pg_inherits i join own_class c on c.oid = i.inhrelid
  union all select 'constraint', concat_ws(':', k.oid, k.xmin) from pg_constraint k
    join own_namespace n on n.oid = k.connamespace where k.oid >= ${firstOwnOid}
  union all select 'rule', concat_ws(':', r.oid, r.xmin) from pg_rewrite r join own_class c on c.oid = r.ev_class
  union all select 'policy', concat_ws(':', oid, xmin) from pg_policy
  union all select 'type', concat_ws(':', t.oid, t.xmin) from pg_type t
    join own_namespace n on n.oid = t.typnamespace where t.oid >= ${firstOwnOid} and t.typrelid = 0
  union all select 'enum', concat_ws(':', oid, xmin) from pg_enum
  union all select 'function', concat_ws(':', p.oid, p.xmin) from pg_proc p
    join own_namespace n on n.oid = p.pronamespace where p.oid >= ${firstOwnOid}
  union all select 'operator', concat_ws(':', oid, xmin) from pg_operator where oid >= ${firstOwnOid}
  union all select 'cast', concat_ws(':', oid, xmin) from pg_cast where oid >= ${firstOwnOid}
  union all select 'collation', concat_ws(':', oid, xmin) from pg_collation where oid >= ${firstOwnOid}
  union all select 'search', concat_ws(':', oid, xmin) from pg_ts_config where oid >= ${firstOwnOid}
  union all select 'dictionary', concat_ws(':', oid, xmin) from pg_ts_dict where oid >= ${firstOwnOid}
  union all select 'publication', concat_ws(':', oid, xmin) from pg_publication
  union all select 'published', concat_ws(':', oid, xmin) from pg_publication_rel
  union all select 'publishedSchema', concat_ws(':', oid, xmin) from pg_publication_namespace
  union all select 'member', concat_ws(':', roleid, member, xmin) from pg_auth_members
  union all select 'setting', concat_ws(':', setdatabase, setrole, setconfig) from pg_db_role_setting
    where setdatabase in (0, (select oid from pg_database where datname = current_database()))
  union all select 'reload', pg_conf_load_time()::text
)
select concat_ws(':', count(*), sum(hashtextextended(name || fact, 0))) as fingerprint from parts`

/**
 * Finds catalog changes that nobody announced (rule 2): the event trigger may be missing, and ALTER ROLE,
 * ALTER DATABASE … SET and a reload of the configuration fire none.
 */
export class CatalogWatch {
  readonly #connection: DedicatedConnection
  #known: string | undefined

  constructor(connection: DedicatedConnection) {
    this.#connection = connection
  }

  /** Takes the catalog as it is now for known. */
  async accept(): Promise<void> {
    this.#known = await this.#read()
  }

  /** True if the catalog is no longer the known one. */
  async differs(): Promise<boolean> {
    return (await this.#read()) !== this.#known
  }

  async #read(): Promise<string> {
    const [row] = await this.#connection.query(fingerprintSql)
    return row?.fingerprint ?? ''
  }
}

/**
 * The tables above each relation in partition and inheritance trees: a change to a row of a partition is a change
 * to its root as well. Looked up when first needed, and again after every word of a catalog change.
 */
export class Ancestry {
  readonly #connection: DedicatedConnection
  readonly #ancestors = new Map<number, readonly string[]>()

  constructor(connection: DedicatedConnection) {
    this.#connection = connection
  }

  /** Forgets what is known of these relations; of all, if none are given. */
  forget(oids?: Iterable<number>): void {
    if (!oids) this.#ancestors.clear()
    else for (const oid of oids) this.#ancestors.delete(oid)
  }

  knows(oids: Iterable<number>): boolean {
    for (const oid of oids) if (!this.#ancestors.has(oid)) return false
    return true
  }

  /** Looks up what is not known yet. */
  async load(oids: Iterable<number>): Promise<void> {
    const missing = new Set([...oids].filter(oid => !this.#ancestors.has(oid)))
    if (missing.size === 0) return
    const rows = await this.#connection.query(`
      with recursive above (oid, parent) as (
        select inhrelid, inhparent from pg_inherits where inhrelid in (${[...missing].join(', ')})
        union select above.oid, i.inhparent from above join pg_inherits i on i.inhrelid = above.parent
      )
      select above.oid, n.nspname || '.' || c.relname as name
      from above join pg_class c on c.oid = above.parent join pg_namespace n on n.oid = c.relnamespace`)
    for (const oid of missing) {
      const names = rows.filter(row => Number(row.oid) === oid).map(row => row.name ?? '')
      this.#ancestors.set(oid, names)
    }
  }

  /** Known ancestors of a relation that has been loaded. */
  of(oid: number | undefined): readonly string[] {
    return (oid !== undefined && this.#ancestors.get(oid)) || []
  }
}
