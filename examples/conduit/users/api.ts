import { type AuthActions, type Db, HttpError, notFound, reply, route, type User } from 'quintet'
import { z } from 'zod'
import { email, newPassword, optionalText, password, text, username } from '../input.ts'
import { changeAccount } from './account.ts'
import { follow, profilesOf, unfollow, userByUsername, type Viewer } from './queries.ts'

export const profileJson = z.object({
  username: z.string(),
  bio: z.string().nullable(),
  image: z.string().nullable(),
  following: z.boolean(),
})

const userJson = z.object({
  user: z.object({
    email: z.string(),
    token: z.string(),
    username: z.string(),
    bio: z.string().nullable(),
    image: z.string().nullable(),
  }),
})

const shown = (user: Pick<User, 'email' | 'username' | 'bio' | 'image'>, token: string) => ({
  user: { ...user, token },
})

export const login = route('POST /api/users/login', {
  body: z.object({ user: z.object({ email: text(), password }) }),
  response: { 200: userJson },
  handler: async ({ body, auth }) => {
    const signedIn = await auth.signIn(body.user)
    if (!signedIn) throw new HttpError(401, { errors: { credentials: ['invalid'] } })
    return shown(signedIn.user, signedIn.token)
  },
})

export const register = route('POST /api/users', {
  body: z.object({ user: z.object({ username, email, password: newPassword }) }),
  response: { 201: userJson },
  handler: async ({ body, auth }) => {
    const { user, token } = await auth.signUp(body.user)
    return reply(201, shown(user, token))
  },
})

export const currentUser = route('GET /api/user', {
  response: { 200: userJson },
  signedIn: true,
  handler: async ({ requireUser, auth }) => shown(await requireUser(), await tokenOf(auth)),
})

const changes = z
  .object({ email, username, password: newPassword, bio: optionalText, image: optionalText })
  .partial()
  .refine(change => Object.keys(change).length > 0, 'needs at least one field')

export const updateUser = route('PUT /api/user', {
  body: z.object({ user: changes }),
  response: { 200: userJson },
  signedIn: true,
  handler: async ({ body, requireUser, auth, db }) => {
    const viewer = await requireUser()
    const { password, ...change } = body.user
    const user = Object.keys(change).length > 0 ? await changeAccount(db, viewer.id, change) : viewer
    if (password !== undefined) await auth.setPassword(viewer, password)
    return shown(user, await tokenOf(auth))
  },
})

const profileAnswer = { 200: z.object({ profile: profileJson }) }

export const getProfile = route('GET /api/profiles/:username', {
  response: profileAnswer,
  handler: async ({ params, db, user }) => profileAs(db, params.username, await user()),
})

export const followUser = route('POST /api/profiles/:username/follow', {
  response: profileAnswer,
  signedIn: true,
  handler: async ({ params, db, requireUser }) => {
    const viewer = await requireUser()
    const followed = await existing(db, params.username)
    if (followed.id === viewer.id) throw new HttpError(422, { errors: { profile: ["can't be yourself"] } })
    await follow(db, viewer.id, followed.id)
    return profileAs(db, params.username, viewer)
  },
})

export const unfollowUser = route('DELETE /api/profiles/:username/follow', {
  response: profileAnswer,
  signedIn: true,
  handler: async ({ params, db, requireUser }) => {
    const viewer = await requireUser()
    await unfollow(db, viewer.id, (await existing(db, params.username)).id)
    return profileAs(db, params.username, viewer)
  },
})

async function profileAs(db: Db, name: string, viewer: Viewer) {
  const { id } = await existing(db, name)
  return { profile: (await profilesOf(db, [id], viewer)).get(id) ?? unknownProfile() }
}

const existing = async (db: Db, name: string) => (await userByUsername(db, name)) ?? unknownProfile()
const unknownProfile = () => notFound({ profile: ['not found'] })

async function tokenOf(auth: AuthActions): Promise<string> {
  const token = await auth.token()
  if (token === null) throw new HttpError(401, { errors: { token: ['is missing'] } })
  return token
}
