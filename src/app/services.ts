import type { Logger } from 'pino'
import type { App } from './app.ts'
import type { Assets } from './assets.ts'
import type { AuthEngine } from './auth/engine.ts'
import type { Db } from './register.ts'
import type { Shared } from './shared.ts'

/** What answering a request takes, made once when the server is made. */
export interface Services {
  readonly app: App
  readonly db: Db
  readonly auth: AuthEngine | undefined
  readonly assets: Assets
  readonly log: Logger
  readonly shared: Shared
  /** Error pages with stacks, answers checked against their schemas. */
  readonly debug: boolean
}
