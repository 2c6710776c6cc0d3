import {
  boolean,
  index,
  type PgColumn,
  type PgTable,
  pgTable,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'

const instant = (name: string) => timestamp(name, { withTimezone: true })

/**
 * The columns that signing in needs of the app's users table; spread them beside the app's own:
 *
 * ```ts
 * export const users = pgTable('users', { ...userColumns(), username: text().notNull().unique(), bio: text() })
 * export const { sessions, accounts, verifications } = authTables(users)
 * ```
 */
export function userColumns() {
  return {
    id: uuid('id').primaryKey().defaultRandom(),
    email: text('email').notNull().unique(),
    emailVerified: boolean('email_verified').notNull().default(false),
    image: text('image'),
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  }
}

/** A users table that has {@link userColumns}. */
export type UsersTable = PgTable & { readonly [Name in 'id' | 'email' | 'emailVerified' | 'image']: PgColumn }

/** The tables beside the users: sessions, accounts (where password hashes live) and verifications (mail links). */
export function authTables(users: UsersTable) {
  const userId = () =>
    uuid('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' })
  const stamps = () => ({
    createdAt: instant('created_at').notNull().defaultNow(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  })
  return {
    sessions: pgTable(
      'sessions',
      {
        id: uuid('id').primaryKey().defaultRandom(),
        token: text('token').notNull().unique(),
        userId: userId(),
        expiresAt: instant('expires_at').notNull(),
        ipAddress: text('ip_address'),
        userAgent: text('user_agent'),
        ...stamps(),
      },
      table => [index('sessions_user_id').on(table.userId)],
    ),
    accounts: pgTable(
      'accounts',
      {
        id: uuid('id').primaryKey().defaultRandom(),
        accountId: text('account_id').notNull(),
        providerId: text('provider_id').notNull(),
        userId: userId(),
        accessToken: text('access_token'),
        refreshToken: text('refresh_token'),
        idToken: text('id_token'),
        accessTokenExpiresAt: instant('access_token_expires_at'),
        refreshTokenExpiresAt: instant('refresh_token_expires_at'),
        scope: text('scope'),
        password: text('password'),
        ...stamps(),
      },
      table => [index('accounts_user_id').on(table.userId)],
    ),
    verifications: pgTable(
      'verifications',
      {
        id: uuid('id').primaryKey().defaultRandom(),
        identifier: text('identifier').notNull(),
        value: text('value').notNull(),
        expiresAt: instant('expires_at').notNull(),
        ...stamps(),
      },
      table => [index('verifications_identifier').on(table.identifier)],
    ),
  }
}

export type SessionsTable = ReturnType<typeof authTables>['sessions']
export type AccountsTable = ReturnType<typeof authTables>['accounts']
export type VerificationsTable = ReturnType<typeof authTables>['verifications']
