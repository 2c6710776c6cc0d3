export { checkDatabase, type ServerFacts } from './check.ts'
export { createDatabase, type Database, type DatabaseOptions, type Result } from './database.ts'
export { type DedicatedConnection, openDedicated } from './dedicated.ts'
export {
  type EmbeddedOptions,
  type EmbeddedPostgres,
  embeddedPostgres,
  embeddedUrl,
} from './engines/embedded.ts'
export { type FeedPreparation, prepareFeed } from './feedPreparation.ts'
export type { PooledQuery, QueryInterceptor, WireResult } from './intercept.ts'
export { keyText } from './keyText.ts'
export { type MadeMigration, type MakeMigrationsOptions, makeMigrations } from './makeMigrations.ts'
export { type Migrated, type MigrateOptions, migrate, pendingMigrations } from './migrate.ts'
export { missingFromDatabase } from './missingModels.ts'
export { covers, formatLsn, formatPosition, type Position, parseLsn, parsePosition } from './position.ts'
export type { QueryEvent, QueryListener, QueryOutcome, SessionState, TransactionIdentity } from './query.ts'
export { openReplication, type ReplicationConnection } from './replication.ts'
export { connectionLost, serverState, transactionRetried } from './signals.ts'
export type { TransactionOptions } from './transaction.ts'
export type { Transaction } from './transactionScope.ts'
