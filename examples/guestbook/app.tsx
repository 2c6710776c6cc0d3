import { desc } from 'drizzle-orm'
import { pgTable, serial, text } from 'drizzle-orm/pg-core'
import { action, defineApp, defineModule, page, redirect } from 'quintet'
import { z } from 'zod'

const entries = pgTable('entries', {
  id: serial().primaryKey(),
  name: text().notNull(),
  words: text().notNull(),
})

const home = page('/', {
  load: async ({ db }) => ({ latest: await db.select().from(entries).orderBy(desc(entries.id)).limit(20) }),
  actions: {
    default: action(
      z.object({ name: z.string().min(1), words: z.string().min(1) }),
      async ({ input, db }) => {
        await db.insert(entries).values(input)
        return redirect('/')
      },
    ),
  },
  head: () => ({ title: 'Guestbook' }),
  view: ({ latest, errors, values }) => (
    <main>
      <h1>Guestbook</h1>
      <form method="post">
        <input name="name" placeholder="Your name" value={values.name} />
        <input name="words" placeholder="A few words" value={values.words} />
        <button type="submit">Sign</button>
        {Object.entries(errors).map(([field, messages]) => (
          <p role="alert">
            Your {field} {messages?.join(', ')}.
          </p>
        ))}
      </form>
      {latest.map(({ id, name, words }) => (
        <p key={id}>
          <b>{name}</b> {words}
        </p>
      ))}
    </main>
  ),
})

export default defineApp({
  models: { entries },
  modules: [defineModule({ name: 'guestbook', pages: { home } })],
})
