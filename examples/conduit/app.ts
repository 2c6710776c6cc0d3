import { defineApp } from 'quintet'
import { articlesModule } from './articles/index.ts'
import { errorBody } from './errorBody.ts'
import { ErrorPage, NotFoundPage } from './errorPages.tsx'
import { layout } from './layout.tsx'
import * as models from './models.ts'
import { seed } from './seed/seed.ts'
import { auth } from './users/auth.ts'
import { usersModule } from './users/index.ts'

declare module 'quintet' {
  interface Register {
    models: typeof models
    auth: typeof auth
  }
}

export default defineApp({
  modules: [articlesModule, usersModule],
  models,
  auth,
  layout,
  errorPages: { notFound: NotFoundPage, error: ErrorPage },
  errorBody,
  seed,
})
