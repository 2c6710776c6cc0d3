import { sql } from 'drizzle-orm'
import { defineApp, defineModule, route } from '../../src/app/index.ts'

/** An app that does what well-behaved apps don't; the stories across players use it. */
const probe = defineModule({
  name: 'probe',
  routes: [
    route('GET /address', { handler: ({ address }) => ({ address: address() }) }),
    route('GET /nothing', { handler: () => ({ read: 'nothing' }) }),
    route('GET /caught', {
      handler: async ({ db }) => {
        const failed = await db.execute(sql`select 1 / (1 - 1)`).then(
          () => false,
          () => true,
        )
        return { failed }
      },
    }),
    route('GET /clock', { handler: () => ({ at: new Date().toISOString() }) }),
    route('GET /throws', {
      handler: () => {
        throw new Error('a secret detail')
      },
    }),
  ],
})

export default defineApp({ modules: [probe] })
