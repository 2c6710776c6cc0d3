import { defineModule } from 'quintet'
import { errorBody } from '../errorBody.ts'
import * as api from './api.ts'
import { avatarRoute } from './avatarRoute.ts'
import * as pages from './pages.tsx'

const { profileJson: _, ...routes } = api

/** Accounts, profiles, and who follows whom. */
export const usersModule = defineModule({
  name: 'users',
  pages,
  routes: { ...routes, avatarRoute },
  errorBody,
})
