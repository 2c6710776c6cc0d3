import { eq, sql } from 'drizzle-orm'
import { type Db, HttpError } from 'quintet'
import { users } from './models.ts'

export type AccountChange = Partial<Pick<typeof users.$inferInsert, 'username' | 'email' | 'bio' | 'image'>>

/** Changes what is named. Throws HttpError 409 for a username or an e-mail that somebody else has. */
export async function changeAccount(db: Db, id: string, change: AccountChange) {
  try {
    const [user] = await db
      .update(users)
      .set({ ...change, updatedAt: sql`now()` })
      .where(eq(users.id, id))
      .returning()
    if (!user) throw new HttpError(401, { errors: { token: ['is missing'] } })
    return user
  } catch (error) {
    const field = takenField(error)
    if (field) throw new HttpError(409, { errors: { [field]: ['has already been taken'] }, cause: error })
    throw error
  }
}

/** Which unique column refused a write; undefined if the error is something else. */
function takenField(error: unknown): 'username' | 'email' | undefined {
  const { code, constraint } = ((error as { cause?: unknown }).cause ?? error) as {
    code?: string
    constraint?: string
  }
  if (code !== '23505') return undefined
  return constraint?.includes('username') ? 'username' : constraint?.includes('email') ? 'email' : undefined
}
