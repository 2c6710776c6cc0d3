import { index, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core'
import { authTables, userColumns } from 'quintet'

/** An account and its public face in one row. `image` null means the default avatar. */
export const users = pgTable('users', {
  ...userColumns(),
  username: text('username').notNull().unique(),
  bio: text('bio'),
})

export const { sessions, accounts, verifications } = authTables(users)

/** Who reads whom. */
export const follows = pgTable(
  'follows',
  {
    followerId: uuid('follower_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    followedId: uuid('followed_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
  },
  table => [
    primaryKey({ columns: [table.followerId, table.followedId] }),
    index('follows_followed_id').on(table.followedId),
  ],
)
