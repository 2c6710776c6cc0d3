import { defineErrors } from '../core/index.ts'

export const errors = defineErrors({
  FEED_WAL_LEVEL: {
    message: (f: { level: string }) =>
      `The database server's wal_level is ${f.level}; the commit feed needs logical.`,
    remedy: "Run ALTER SYSTEM SET wal_level = 'logical' and restart the server.",
  },
  FEED_STANDBY: {
    message: (f: { database: string }) => `The server of database ${f.database} is a standby.`,
    remedy: 'Give the feed the address of the primary.',
  },
  FEED_OTHER_SERVER: {
    message: (f: { database: string }) =>
      `Two connections to database ${f.database} reached two different servers.`,
    remedy: 'Give the feed an address that always leads to the primary, not one that balances.',
  },
  FEED_NO_PUBLICATION: {
    message: (f: { publication: string; database: string }) =>
      `Database ${f.database} has no publication ${f.publication}.`,
    remedy: 'Run quintet migrate, or correct database: { publication }.',
  },
  FEED_PUBLICATION_PARTIAL: {
    message: (f: { publication: string; gap: string }) => `Publication ${f.publication} ${f.gap}.`,
    remedy: (f: { publication: string }) =>
      `Run quintet migrate, or ALTER PUBLICATION ${f.publication} SET (publish = 'insert, update, delete, truncate', publish_via_partition_root = false) and take its row filters away.`,
  },
  FEED_NO_PRIVILEGE: {
    message: (f: { role: string; reason: string }) =>
      `Role ${f.role} may not follow the commit log: ${f.reason}.`,
    remedy: (f: { role: string }) =>
      `Run ALTER ROLE ${f.role} REPLICATION (or grant your provider's role for it).`,
  },
  FEED_NO_SLOT: {
    message: (f: { reason: string }) =>
      `The database server has no place left for the commit feed: ${f.reason}.`,
    remedy: 'Raise max_replication_slots and max_wal_senders and restart the server, or drop unused slots.',
  },
  FEED_SYNCHRONOUS: {
    message: (f: { names: string }) =>
      `synchronous_standby_names is ${f.names}, which counts the feed as a standby: commits would wait for a cache.`,
    remedy: 'Name the real standbys in synchronous_standby_names, or give the feed another applicationName.',
  },
  FEED_LOST: {
    message: (f: { reason: string }) => `The connection to the commit log was lost: ${f.reason}.`,
    remedy: 'The feed connects again by itself; see the log of the database server if this repeats.',
  },
  FEED_SOCKET_TAKEN: {
    message: (f: { path: string }) => `Another feed answers on the socket ${f.path}.`,
    remedy: 'Stop it, or choose another state folder.',
  },
  FEED_SOCKET_UNUSABLE: {
    message: (f: { path: string; reason: string }) => `The feed can't listen on ${f.path}: ${f.reason}.`,
    remedy:
      'Make its folder writable for this user and its path shorter than 100 bytes, or move what is there.',
  },
})
