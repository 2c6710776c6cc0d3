import { action, type Db, invalid, notFound, page, redirect } from 'quintet'
import { z } from 'zod'
import { pageNumber, previews } from '../articles/previews.ts'
import { ArticleList, type Preview } from '../articles/views.tsx'
import { backTo, ErrorMessages, Field } from '../forms.tsx'
import { buttonForm, email, newPassword, optionalText, password, text, username } from '../input.ts'
import { changeAccount } from './account.ts'
import { follow, followedAmong, unfollow, userByUsername, type Viewer } from './queries.ts'
import { Avatar, FollowButton, profileUrl } from './views.tsx'

const signedOutOnly = async ({ user }: { user: () => Promise<unknown> }) =>
  (await user()) ? redirect('/') : {}

export const loginPage = page('/login', {
  load: signedOutOnly,
  head: () => ({ title: 'Sign in' }),
  actions: {
    default: action(z.object({ email: text(), password }), async ({ input, auth }) => {
      const signedIn = await auth.signIn(input)
      return signedIn ? redirect('/') : invalid({ 'email or password': ['is invalid'] })
    }),
  },
  view: ({ errors, values }) => (
    <div class="auth-page form-page container narrow">
      <h1>Sign in</h1>
      <p class="lead">
        <a href="/register">Need an account?</a>
      </p>
      <ErrorMessages errors={errors} />
      <form method="post" action="/login">
        <Field name="email" label="Email" type="email" value={values.email} autocomplete="email" required />
        <Field name="password" label="Password" type="password" autocomplete="current-password" required />
        <div class="form-actions">
          <button type="submit" class="btn btn-lg btn-primary">
            Sign in
          </button>
        </div>
      </form>
    </div>
  ),
})

export const registerPage = page('/register', {
  load: signedOutOnly,
  head: () => ({ title: 'Sign up' }),
  actions: {
    default: action(z.object({ username, email, password: newPassword }), async ({ input, auth }) => {
      await auth.signUp(input)
      return redirect('/')
    }),
  },
  view: ({ errors, values }) => (
    <div class="auth-page form-page container narrow">
      <h1>Sign up</h1>
      <p class="lead">
        <a href="/login">Have an account?</a>
      </p>
      <ErrorMessages errors={errors} />
      <form method="post" action="/register">
        <Field name="username" label="Username" value={values.username} autocomplete="username" required />
        <Field name="email" label="Email" type="email" value={values.email} autocomplete="email" required />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          hint="At least eight characters."
          required
        />
        <div class="form-actions">
          <button type="submit" class="btn btn-lg btn-primary">
            Sign up
          </button>
        </div>
      </form>
    </div>
  ),
})

export const settingsPage = page('/settings', {
  load: async ({ requireUser }) => ({ viewer: await requireUser({ redirectTo: '/login' }) }),
  head: () => ({ title: 'Settings' }),
  actions: {
    default: action(
      z.object({
        image: optionalText,
        username,
        bio: optionalText,
        email,
        password: z.union([z.literal(''), newPassword]),
      }),
      async ({ input: { password, ...change }, requireUser, auth, db }) => {
        const viewer = await requireUser({ redirectTo: '/login' })
        const changed = await changeAccount(db, viewer.id, change)
        if (password) await auth.setPassword(viewer, password)
        return redirect(profileUrl(changed.username))
      },
    ),
    logout: action(z.object({}), async ({ auth }) => {
      await auth.signOut()
      return redirect('/')
    }),
  },
  view: ({ viewer, errors, values }) => (
    <div class="settings-page form-page container narrow">
      <h1>Your Settings</h1>
      <ErrorMessages errors={errors} />
      <form method="post" action="/settings">
        <Field
          name="image"
          label="Picture"
          value={values.image ?? viewer.image}
          placeholder="URL of profile picture"
          hint="The address of an image. Leave it empty for the plain one."
        />
        <Field
          name="username"
          label="Username"
          value={values.username ?? viewer.username}
          autocomplete="username"
          required
        />
        <Field
          name="bio"
          label="Bio"
          value={values.bio ?? viewer.bio}
          rows={5}
          placeholder="Short bio about you"
        />
        <Field
          name="email"
          label="Email"
          type="email"
          value={values.email ?? viewer.email}
          autocomplete="email"
          required
        />
        <Field
          name="password"
          label="New password"
          type="password"
          autocomplete="new-password"
          hint="Leave it empty to keep the one you have."
        />
        <div class="form-actions">
          <button type="submit" class="btn btn-lg btn-primary">
            Update Settings
          </button>
        </div>
      </form>
      <hr />
      <form class="inline" method="post" action="/settings?action=logout">
        <button type="submit" class="btn btn-outline-danger">
          Or click here to logout.
        </button>
      </form>
    </div>
  ),
})

async function loadProfile(db: Db, name: string, viewer: Viewer) {
  const profile = (await userByUsername(db, name)) ?? notFound()
  const following = (await followedAmong(db, [profile.id], viewer)).has(profile.id)
  return { profile, following, own: viewer?.id === profile.id }
}

type ProfileProps = Awaited<ReturnType<typeof loadProfile>> & {
  path: string
  favorites: boolean
  list: { articles: readonly Preview[]; total: number; page: number }
}

function Profile({ profile, following, own, favorites, list }: ProfileProps) {
  const home = profileUrl(profile.username)
  const address = favorites ? `${home}/favorites` : home
  return (
    <div class="profile-page">
      <div class="user-info">
        <div class="container">
          <Avatar of={profile} class="user-img" size={104} />
          <h4>{profile.username}</h4>
          {profile.bio && <p>{profile.bio}</p>}
          {own ? (
            <a class="btn btn-sm btn-outline-secondary action-btn" href="/settings">
              <i class="ion-gear-a" aria-hidden="true" /> Edit Profile Settings
            </a>
          ) : (
            <FollowButton username={profile.username} following={following} back={address} />
          )}
        </div>
      </div>
      <div class="container profile-list">
        <div class="articles-toggle">
          <ul class="nav nav-pills outline-active">
            <li class="nav-item">
              <a class={`nav-link${favorites ? '' : ' active'}`} href={home}>
                My Articles
              </a>
            </li>
            <li class="nav-item">
              <a class={`nav-link${favorites ? ' active' : ''}`} href={`${home}/favorites`}>
                Favorited Articles
              </a>
            </li>
          </ul>
        </div>
        <ArticleList
          {...list}
          address={address}
          empty={
            favorites ? (
              <>
                <strong>No favourites yet</strong>
                {own
                  ? 'A heart beside an article keeps it here.'
                  : `${profile.username} hasn’t favourited an article yet.`}
              </>
            ) : (
              <>
                <strong>No articles are here… yet.</strong>
                {own ? (
                  <a href="/editor">Write your first one</a>
                ) : (
                  `${profile.username} hasn’t published anything yet.`
                )}
              </>
            )
          }
        />
      </div>
    </div>
  )
}

export const profilePage = page('/profile/:username', {
  load: async ({ params, query, db, user }) => {
    const viewer = await user()
    const shown = await loadProfile(db, params.username, viewer)
    const list = await previews(db, { authorId: shown.profile.id }, pageNumber(query.get('page')), viewer)
    return { ...shown, list, favorites: false }
  },
  head: ({ profile }) => ({
    title: profile.username,
    description: profile.bio ?? `Articles by ${profile.username}`,
  }),
  actions: {
    follow: action(buttonForm, async ({ input, params, db, requireUser }) => {
      const viewer = await requireUser({ redirectTo: '/login' })
      const { id } = (await userByUsername(db, params.username as string)) ?? notFound()
      if (id !== viewer.id) await follow(db, viewer.id, id)
      return redirect(backTo(input.back, profileUrl(params.username as string)))
    }),
    unfollow: action(buttonForm, async ({ input, params, db, requireUser }) => {
      const viewer = await requireUser({ redirectTo: '/login' })
      const { id } = (await userByUsername(db, params.username as string)) ?? notFound()
      await unfollow(db, viewer.id, id)
      return redirect(backTo(input.back, profileUrl(params.username as string)))
    }),
  },
  view: Profile,
})

export const favoritesPage = page('/profile/:username/favorites', {
  load: async ({ params, query, db, user }) => {
    const viewer = await user()
    const shown = await loadProfile(db, params.username, viewer)
    const list = await previews(db, { favoritedBy: shown.profile.id }, pageNumber(query.get('page')), viewer)
    return { ...shown, list, favorites: true }
  },
  head: ({ profile }) => ({ title: `Favourites of ${profile.username}` }),
  view: Profile,
})
