/**
 * Every default, in the written form, in one place. They are merged below what the app writes: first those of debug
 * (if `debug` is true), then these, then those of the chosen engines.
 */
export const defaults = {
  stateDir: '.quintet',
  app: { engine: 'node', entry: './app.ts', workers: 'auto' },
  database: {
    engine: 'embedded',
    pool: { max: 10 },
    statementTimeout: '25s',
    publication: 'quintet',
    migrations: './migrations',
    cacheReads: false,
  },
  edge: {
    engine: 'node',
    host: '0.0.0.0',
    http: { port: 8080, redirect: true },
    https: { port: 8443 },
    tls: { engine: 'development' },
    hosts: [],
    trustedProxies: [],
    maxBodySize: '1MB',
    maxHeaderSize: '16kB',
    timeouts: { upstream: '30s', body: '60s', idle: '60s' },
  },
  pages: { engine: 'memory', maxSize: '256MB', maxEntrySize: '2MB', freshness: '300ms', onFeedLoss: 'pass' },
  objects: { engine: 'memory', maxSize: '64MB', maxComputedSize: '64MB' },
  log: { level: 'info', pretty: false },
  custom: {},
} as const

/** With `debug: true`, which is itself the default of the environment `development` alone. */
export const debugDefaults = {
  edge: { host: '127.0.0.1', http: { redirect: false } },
  log: { pretty: true },
} as const

/** What only one engine has, by `player.engine`. */
export const engineDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'database.embedded': { port: 8432, name: 'app' },
}

/** `max_connections` of the embedded PostgreSQL, and what of it the app's pools can't have. */
export const embeddedConnections = { max: 200, reserved: 20 } as const
