import { defineModule } from 'quintet'
import { errorBody } from '../errorBody.ts'
import * as api from './api.ts'
import * as commentsApi from './commentsApi.ts'
import * as pages from './pages.tsx'

const { existingArticle: _, ...routes } = api

/** Articles, comments, favourites and tags. */
export const articlesModule = defineModule({
  name: 'articles',
  pages,
  routes: { ...routes, ...commentsApi },
  errorBody,
})
