import type { AccountsTable, SessionsTable, UsersTable, VerificationsTable } from './tables.ts'

/** How people sign in; made by {@link defineAuth}. `Row` is a row of the users table, `Insert` what a new one takes. */
export interface Auth<Row = unknown, Insert = unknown> {
  readonly tables: {
    readonly users: UsersTable
    readonly sessions: SessionsTable
    readonly accounts: AccountsTable
    readonly verifications: VerificationsTable
  }
  readonly nameColumn: string
  readonly tokenScheme: string
  readonly sessionLasts: string | number
  readonly minPasswordLength: number
  /** Carries the types only. */
  readonly types?: { readonly row: Row; readonly insert: Insert }
}

/**
 * E-mail and password, with sessions in the database, by better-auth on the app's own tables.
 *
 * ```ts
 * export const auth = defineAuth({ users, sessions, accounts, verifications, nameColumn: 'username', tokenScheme: 'Token' })
 * ```
 */
export function defineAuth<Users extends UsersTable>(definition: {
  /** A table with {@link userColumns}. */
  users: Users
  sessions: SessionsTable
  accounts: AccountsTable
  verifications: VerificationsTable
  /** The property of the users table that holds a person's name for others; `name` by default. */
  nameColumn?: string
  /** `Authorization: SCHEME <session token>` is accepted beside `Bearer`. */
  tokenScheme?: string
  /** How long a session lasts, from sign-in; `'30d'` by default. It is not prolonged by use. */
  sessionLasts?: string | number
  /** 8 by default. */
  minPasswordLength?: number
}): Auth<Users['$inferSelect'], Users['$inferInsert']> {
  const { users, sessions, accounts, verifications } = definition
  return {
    tables: { users, sessions, accounts, verifications },
    nameColumn: definition.nameColumn ?? 'name',
    tokenScheme: definition.tokenScheme ?? 'Bearer',
    sessionLasts: definition.sessionLasts ?? '30d',
    minPasswordLength: definition.minPasswordLength ?? 8,
  }
}
