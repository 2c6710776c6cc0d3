import { and, eq, inArray } from 'drizzle-orm'
import type { Db } from 'quintet'
import { follows, users } from './models.ts'

/** Whoever looks; null when nobody is signed in. */
export type Viewer = { readonly id: string } | null

/** What stands beside an article or a comment. */
export interface Byline {
  readonly username: string
  readonly image: string | null
}

/** The API's profile. */
export interface Profile extends Byline {
  readonly bio: string | null
  readonly following: boolean
}

export async function userByUsername(db: Db, username: string) {
  const [user] = await db
    .select({ id: users.id, username: users.username, bio: users.bio, image: users.image })
    .from(users)
    .where(eq(users.username, username))
  return user
}

/** Names and pictures by user id. */
export async function bylinesOf(db: Db, ids: readonly string[]): Promise<Map<string, Byline>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: users.id, username: users.username, image: users.image })
    .from(users)
    .where(inArray(users.id, distinct(ids)))
  return new Map(rows.map(({ id, ...byline }) => [id, byline]))
}

/** Whole profiles by user id, as the viewer sees them. */
export async function profilesOf(
  db: Db,
  ids: readonly string[],
  viewer: Viewer,
): Promise<Map<string, Profile>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: users.id, username: users.username, bio: users.bio, image: users.image })
    .from(users)
    .where(inArray(users.id, distinct(ids)))
  const followed = await followedAmong(db, ids, viewer)
  return new Map(rows.map(({ id, ...profile }) => [id, { ...profile, following: followed.has(id) }]))
}

/** Which of these people the viewer follows. */
export async function followedAmong(db: Db, ids: readonly string[], viewer: Viewer): Promise<Set<string>> {
  if (!viewer || ids.length === 0) return new Set()
  const rows = await db
    .select({ id: follows.followedId })
    .from(follows)
    .where(and(eq(follows.followerId, viewer.id), inArray(follows.followedId, distinct(ids))))
  return new Set(rows.map(row => row.id))
}

export async function follow(db: Db, followerId: string, followedId: string): Promise<void> {
  await db.insert(follows).values({ followerId, followedId }).onConflictDoNothing()
}

export async function unfollow(db: Db, followerId: string, followedId: string): Promise<void> {
  await db.delete(follows).where(and(eq(follows.followerId, followerId), eq(follows.followedId, followedId)))
}

// Sorted, so that the same people make the same query.
const distinct = (ids: readonly string[]) => [...new Set(ids)].sort()
