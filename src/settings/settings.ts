/**
 * The settings after resolution: every value present, checked and in its final unit. Made by `loadSettings`, frozen.
 * Every player has the shape `{ engine, … }`; what an engine needs beyond the others stands only beside its name.
 */
export interface Settings {
  /** The settings module's file name: `development`, `production`, … */
  readonly environment: string
  /** Absolute folder of the app. */
  readonly root: string
  /** Absolute; default `.quintet` in `root`. `run/` holds Unix sockets, `postgres/` the cluster, `tls/` certificates. */
  readonly stateDir: string
  /** A laptop's comforts: error pages with stacks, readable logs, a generated secret. Never in production. */
  readonly debug: boolean
  /** Signs cookies and sessions; at least 32 characters. In debug it is generated once into `stateDir`. */
  readonly secret: string
  readonly app: AppSettings
  readonly database: DatabaseSettings
  readonly edge: EdgeSettings
  readonly pages: PagesSettings
  readonly objects: ObjectsSettings
  readonly log: LogSettings
  /** The app's own settings, checked by its `customSchema`. */
  readonly custom: Readonly<Record<string, unknown>>
}

export interface AppSettings {
  readonly engine: 'node'
  /** The module whose default export comes from `defineApp`, relative to `root`. */
  readonly entry: string
  /** Processes that run the app; `auto` is one for each CPU, at least two. See `workerCount`. */
  readonly workers: number | 'auto'
}

export type DatabaseSettings = DatabaseEngineSettings & {
  /** Connections of each process that uses the database. */
  readonly pool: { readonly max: number }
  /** After this PostgreSQL cancels a statement. */
  readonly statementTimeoutMs: number
  /** Name of the publication that the feed reads. */
  readonly publication: string
  /** Folder of the migrations, relative to `root`. */
  readonly migrations: string
  /**
   * Let requests share the results of all reads outside transactions, as those through `db.cached` always are: kept in
   * the worker, purged by the commit log.
   */
  readonly cacheReads: boolean
}

export type DatabaseEngineSettings =
  | { readonly engine: 'embedded'; readonly port: number; readonly name: string }
  | { readonly engine: 'postgres'; readonly url: string }

export interface EdgeSettings {
  readonly engine: 'node'
  readonly host: string
  readonly http: {
    readonly port: number
    /** Answer plain HTTP only with a redirect to HTTPS. */
    readonly redirect: boolean
  }
  readonly https: { readonly port: number }
  readonly tls: TlsSettings
  /** Host names that are served, `*.example.org` for all below one; others get a 421. Empty: any. */
  readonly hosts: readonly string[]
  /** Addresses or CIDR ranges whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[]
  readonly maxBodyBytes: number
  readonly maxHeaderBytes: number
  readonly timeouts: {
    /** How long a worker may take to answer. */
    readonly upstreamMs: number
    /** How long the whole body of a request may take to arrive. */
    readonly bodyMs: number
    /** How long a client's connection may be silent. */
    readonly idleMs: number
  }
}

export type TlsSettings =
  | { readonly engine: 'development' }
  | {
      readonly engine: 'files'
      /** PEM file with the certificate chain; absolute after resolution. */
      readonly cert: string
      /** PEM file with the private key; absolute after resolution. */
      readonly key: string
    }

export interface PagesSettings {
  readonly engine: 'memory' | 'none'
  readonly maxBytes: number
  readonly maxEntryBytes: number
  /** No cached response older than this is served, whatever fails. */
  readonly freshnessMs: number
  /** Once the feed has been silent for longer than `freshnessMs`: pass requests through, or serve what there is. */
  readonly onFeedLoss: 'pass' | 'serve'
}

export interface ObjectsSettings {
  readonly engine: 'memory'
  /** For values that the app sets by hand; in each worker. */
  readonly maxBytes: number
  /** For what is purged by the commit log, cached functions' values and queries' results; in each worker. 0 keeps none. */
  readonly maxComputedBytes: number
}

export interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** For people rather than programs. */
  readonly pretty: boolean
}
