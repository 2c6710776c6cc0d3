import { defineErrors } from '../core/index.ts'

const from = (origin: string | undefined): string => (origin ? ` (${origin})` : '')

export const errors = defineErrors({
  DATA_PLATFORM: {
    message: (f: { platform: string }) => `The embedded PostgreSQL has no build for ${f.platform}.`,
    remedy:
      "Set database: { engine: 'postgres', url } to a PostgreSQL 15 or later of your own, or run npm install again if optional packages were left out.",
  },
  DATA_NO_ACCOUNT: {
    message: (f: { tried: string }) =>
      `PostgreSQL refuses to run as root, and this system has none of the accounts ${f.tried} to run it as.`,
    remedy:
      "Start as an ordinary user, add an account named postgres, or set database: { engine: 'postgres', url }.",
  },
  DATA_PORT_TAKEN: {
    message: (f: { port: number }) => `Port ${f.port} on 127.0.0.1 is in use by another program.`,
    remedy: 'Stop that program, or choose another with database: { port }.',
  },
  DATA_FOLDER_IN_USE: {
    message: (f: { folder: string; postgres: number; owner?: number }) =>
      `The cluster in ${f.folder} is in use: ${f.owner ? `process ${f.owner}` : 'somebody'} runs a PostgreSQL (process ${f.postgres}) on it.`,
    remedy: 'Stop that process first; two servers never share a folder.',
  },
  DATA_FOLDER_VERSION: {
    message: (f: { folder: string; found: string; expected: string }) =>
      `The cluster in ${f.folder} was made by PostgreSQL ${f.found}, but the embedded one is version ${f.expected}.`,
    remedy: (f: { found: string }) =>
      `Dump it with PostgreSQL ${f.found} and load it into a new folder, or move the old folder away to start empty.`,
  },
  DATA_FOLDER_FOREIGN: {
    message: (f: { folder: string }) => `${f.folder} is not empty and holds no PostgreSQL cluster.`,
    remedy: 'Move what is in it elsewhere, or choose another state folder.',
  },
  DATA_EMBEDDED_FAILED: {
    message: (f: { step: string; log: string }) =>
      `The embedded PostgreSQL failed to ${f.step}. It said: ${f.log}`,
    remedy: 'See postgres.log in the state folder for more.',
  },
  DATA_NOT_STARTED: {
    message: () => 'The embedded PostgreSQL has no address yet: its port is chosen at start.',
    remedy: 'Wait for start(), or give it a fixed port.',
  },
  DATA_NO_PASSWORD: {
    message: (f: { file: string }) => `The embedded PostgreSQL's password file ${f.file} does not exist.`,
    remedy: 'Start it once with quintet up; the file is written then.',
  },
  DATA_URL: {
    message: () => "The database's URL can't be parsed.",
    remedy:
      'Write postgres://user:password@host:5432/name, with special characters of the password percent-encoded.',
  },
  DATA_UNREACHABLE: {
    message: (f: { host: string; port: number; origin?: string; reason: string }) =>
      `PostgreSQL at ${f.host}:${f.port}${from(f.origin)} can't be reached: ${f.reason}.`,
    remedy: 'Start it, or correct the address, the user and the password in database: { url }.',
  },
  DATA_VERSION: {
    message: (f: { version: string }) =>
      `The database server is PostgreSQL ${f.version}; 15 is the oldest that will do.`,
    remedy: 'Upgrade the server, or connect to another.',
  },
  DATA_WAL_LEVEL: {
    message: (f: { level: string }) =>
      `The database server's wal_level is ${f.level}; the commit feed needs logical.`,
    remedy: "Run ALTER SYSTEM SET wal_level = 'logical' and restart the server.",
  },
  DATA_REPLICATION_SLOTS: {
    message: (f: { setting: string; value: number }) =>
      `The database server's ${f.setting} is ${f.value}, which leaves no place for the commit feed.`,
    remedy: (f: { setting: string }) => `Set ${f.setting} to 10 and restart the server.`,
  },
  DATA_REPLICATION_PRIVILEGE: {
    message: (f: { role: string }) =>
      `The database role "${f.role}" may not replicate, so it can't follow the commit log.`,
    remedy: (f: { role: string }) => `As a superuser: ALTER ROLE "${f.role}" REPLICATION.`,
  },
  DATA_POOL_BUSY: {
    message: (f: { max: number; waitMs: number }) =>
      `No connection became free within ${f.waitMs} ms; the pool holds ${f.max}.`,
    remedy:
      'Inside a transaction, query through its own handle, not the database; or raise database: { pool: { max } }.',
  },
  DATA_TRANSACTION_OVER: {
    message: () => 'A transaction was used after its body had ended.',
    remedy: 'Await everything inside the body; begin another transaction for what comes later.',
  },
  DATA_CURSOR: {
    message: () => "Cursors and query streams can't be recorded.",
    remedy: 'Read in pages with LIMIT, or open a connection of your own for the export.',
  },
  DATA_PUBLICATION_DENIED: {
    message: (f: { publication: string; reason: string }) =>
      `The publication ${f.publication} can't be made or changed: ${f.reason}.`,
    remedy: "Migrate as the tables' owner, with CREATE on the database, or let such a role create it once.",
  },
  DATA_JOURNAL_BROKEN: {
    message: (f: { file: string }) => `${f.file} is missing or isn't valid JSON.`,
    remedy: 'Restore it from version control; the migrations folder is kept there as a whole.',
  },
  DATA_RENAME_UNCLEAR: {
    message: (f: { renames: readonly string[] }) =>
      `Something went where something else came, which may be a rename: ${f.renames.join('; ')}.`,
    remedy:
      'In a terminal, pass --ask to choose; pass --drop if they are different things and the old data may go; or make two migrations, first adding, then removing.',
  },
  DATA_MIGRATION_SKIPPED: {
    message: (f: { tag: string }) =>
      `The migration ${f.tag} is older than the last one applied, but was never applied.`,
    remedy: 'Delete its file, snapshot and journal entry, and make it again, so that it comes last.',
  },
  DATA_MIGRATION_FAILED: {
    message: (f: { pending: readonly string[]; reason: string }) =>
      `Migrating failed and was rolled back (${f.pending.join(', ')}): ${f.reason}.`,
    remedy: 'Correct the SQL file and migrate again.',
  },
})
