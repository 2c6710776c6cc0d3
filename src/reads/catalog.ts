import { setTimeout as wait } from 'node:timers/promises'
import { catalogQuery } from './catalogQuery.ts'
import { untracked } from './context.ts'
import { errors } from './errors.ts'

export interface Column {
  readonly name: string
  readonly number: number
  /** The type's OID. */
  readonly type: number
  /** '' for a plain column, 's' stored, 'v' virtual. */
  readonly generated: string
  readonly notNull: boolean
  /** False under a nondeterministic collation, whose equal texts differ. */
  readonly deterministic: boolean
  /** True for text whose collation orders it by the bytes of UTF-8. */
  readonly bytewise: boolean
  /** True if the feed's messages carry it. */
  readonly published: boolean
}

export interface Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** `schema.name`, unquoted: the form of dependencies and changes. */
  readonly table: string
  /** pg_class.relkind: r table, p partitioned, v view, m materialized view, f foreign, S sequence. */
  readonly kind: string
  /** p permanent, u unlogged, t temporary. */
  readonly persistence: string
  readonly rowSecurity: boolean
  /** pg_class.relreplident; f is FULL. */
  readonly identity: string
  /** In the publication with all operations and no row filter, itself or through a partitioned ancestor. */
  readonly published: boolean
  readonly columns: ReadonlyMap<string, Column>
  /** A view's SELECT, all names in it qualified but PostgreSQL's own. */
  readonly definition: string | null
  /** A view with security_barrier. */
  readonly barrier: boolean
  /** The columns of each unique index that holds for all rows. */
  readonly uniques: readonly (readonly string[])[]
  /** Foreign keys that are validated and enforced. */
  readonly foreignKeys: readonly ForeignKey[]
  /** All it inherits from, and all that inherits from it, at any depth. */
  readonly ancestors: readonly Relation[]
  readonly descendants: readonly Relation[]
}

export interface ForeignKey {
  readonly columns: readonly string[]
  /** The OID of the table referred to. */
  readonly references: number
  readonly referenced: readonly string[]
}

interface UserOperator {
  readonly name: string
  readonly left: number
  readonly right: number
  /** Immutable and written in C: as trustworthy as a built-in. */
  readonly native: boolean
}

interface UserType {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** pg_type.typtype: e enum, d domain, c composite, b base, r and m ranges. */
  readonly kind: string
  /** Of a composite type. */
  readonly fields: readonly string[] | null
}

/** One state of the catalog. */
export interface CatalogState {
  readonly relations: ReadonlyMap<string, Relation>
  /** Names of functions and aggregates outside pg_catalog: a call by such a name may not be the built-in. */
  readonly functions: ReadonlySet<string>
  /** Names of functions that return sets, PostgreSQL's own included. */
  readonly setReturning: ReadonlySet<string>
  readonly operators: readonly UserOperator[]
  readonly types: readonly UserType[]
  readonly enums: ReadonlySet<number>
  /** Some implicit cast runs a function that is not written in C. */
  readonly hasImplicitCasts: boolean
}

export type RunQuery = (text: string, values: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>

/** What the analysis knows of the database's schema. */
export interface Catalog {
  /** The state in use; null while none may be trusted (being loaded, or loading failed): nothing is cacheable then. */
  readonly state: CatalogState | null
  /** Grows with every change of `state`; analyses are valid for one version. */
  readonly version: number
  /** The relation that a name means under a search path (`"$user", public`); undefined if none is known. */
  resolve(schema: string | undefined, name: string, searchPath: string, role?: string): Relation | undefined
  /**
   * The schema may have changed (DDL in the feed, a new epoch): at once nothing is trusted, and it is loaded anew,
   * again and again until the database answers.
   * Must be called before the process's position covers the change. Never rejects.
   */
  invalidate(): Promise<void>
  /** Loads the catalog. Rejects with READS_CATALOG_UNREADABLE. */
  refresh(): Promise<void>
}

/** Loads the catalog through `query`, for the tables in `publication`. Throws READS_CATALOG_UNREADABLE. */
export async function loadCatalog(query: RunQuery, publication: string): Promise<Catalog> {
  const catalog = new LiveCatalog(query, publication)
  await catalog.refresh()
  return catalog
}

const firstRetryMs = 50
const longestRetryMs = 5_000

class LiveCatalog implements Catalog {
  state: CatalogState | null = null
  version = 0
  readonly #query: RunQuery
  readonly #publication: string
  /** Counts invalidations, so that a load begun before one is not taken for the state after it. */
  #generation = 0

  constructor(query: RunQuery, publication: string) {
    this.#query = query
    this.#publication = publication
  }

  resolve(schema: string | undefined, name: string, searchPath: string, role = ''): Relation | undefined {
    if (!this.state) return undefined
    if (schema !== undefined) return this.state.relations.get(`${schema}.${name}`)
    for (const candidate of splitSearchPath(searchPath, role)) {
      const relation = this.state.relations.get(`${candidate}.${name}`)
      if (relation) return relation
    }
    return undefined
  }

  async invalidate(): Promise<void> {
    const generation = ++this.#generation
    this.state = null
    this.version++
    // Untrusted until it is read: the database may be starting again. A later invalidation has a loop of its own.
    for (let retryMs = firstRetryMs; generation === this.#generation; ) {
      const failed = await this.refresh().then(
        () => false,
        () => true,
      )
      if (!failed) return
      await wait(retryMs, undefined, { ref: false })
      retryMs = Math.min(longestRetryMs, retryMs * 2)
    }
  }

  async refresh(): Promise<void> {
    const generation = this.#generation
    const { rows } = await untracked(() => this.#query(catalogQuery, [this.#publication])).catch(cause => {
      throw errors.READS_CATALOG_UNREADABLE(
        { publication: this.#publication, reason: messageOf(cause) },
        { cause },
      )
    })
    if (generation !== this.#generation) return // the invalidation in between loads it again
    this.state = readState(rows[0] ?? {})
    this.version++
  }
}

const searchPaths = new Map<string, readonly string[]>()

/** The schemas of a search path, in order; `"$user"` is the role's name. */
function splitSearchPath(searchPath: string, role: string): readonly string[] {
  const key = `${role}\u0000${searchPath}`
  let schemas = searchPaths.get(key)
  if (!schemas) {
    schemas = [...searchPath.matchAll(/"((?:[^"]|"")*)"|([^",\s]+)/g)].map(match =>
      match[1] === '$user' || match[2] === '$user'
        ? role
        : (match[1]?.replaceAll('""', '"') ?? match[2]?.toLowerCase() ?? ''),
    )
    if (searchPaths.size > 1_000) searchPaths.clear()
    searchPaths.set(key, schemas)
  }
  return schemas
}

type RawRelation = Omit<Relation, 'table' | 'columns' | 'ancestors' | 'descendants'> & {
  publishedColumns: string[] | null
  parents: number[]
  columns: Omit<Column, 'published'>[]
}

function readState(row: Record<string, unknown>): CatalogState {
  const raw = row.relations as RawRelation[]
  const parents = new Map(raw.map(relation => [relation.oid, relation.parents]))
  const byOid = new Map<number, Mutable<Relation>>()
  for (const { publishedColumns, parents: _, columns, ...relation } of raw) {
    // `a.b` must mean one thing: names with a dot stay unknown, so what reads them is not cached.
    if (relation.name.includes('.') || relation.schema.includes('.')) continue
    byOid.set(relation.oid, {
      ...relation,
      table: `${relation.schema}.${relation.name}`,
      columns: new Map(
        columns.map(column => [
          column.name,
          { ...column, published: publishedColumns?.includes(column.name) ?? false },
        ]),
      ),
      ancestors: [],
      descendants: [],
    })
  }
  for (const relation of byOid.values()) {
    const ancestors = new Set<Relation>()
    const climb = (oid: number): void => {
      for (const parent of parents.get(oid) ?? []) {
        const found = byOid.get(parent)
        if (found && !ancestors.has(found)) {
          ancestors.add(found)
          climb(parent)
        }
      }
    }
    climb(relation.oid)
    relation.ancestors = [...ancestors]
    for (const ancestor of ancestors) (ancestor.descendants as Relation[]).push(relation)
  }
  // A root is not listed among the published tables, its partitions are.
  for (const root of byOid.values()) {
    const leaves = root.descendants.filter(({ kind }) => kind !== 'p')
    if (root.kind !== 'p' || leaves.length === 0) continue
    root.columns = new Map(
      [...root.columns].map(([name, column]) => [
        name,
        { ...column, published: leaves.every(leaf => leaf.columns.get(name)?.published === true) },
      ]),
    )
  }
  // publish_via_partition_root lists the root only, and the other way round the leaves only.
  for (const relation of byOid.values()) {
    relation.published ||= relation.ancestors.some(ancestor => ancestor.kind === 'p' && ancestor.published)
  }
  const types = row.types as UserType[]
  return {
    relations: new Map([...byOid.values()].map(relation => [relation.table, relation])),
    functions: new Set(row.functions as string[]),
    setReturning: new Set(row.set_returning as string[]),
    operators: row.operators as UserOperator[],
    types,
    enums: new Set(types.filter(type => type.kind === 'e').map(type => type.oid)),
    hasImplicitCasts: (row.implicit_casts as number) > 0,
  }
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] }

/** Without its full stop: it goes on inside a sentence. */
function messageOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
}
