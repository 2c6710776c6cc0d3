import { defineErrors } from '../core/index.ts'

export const errors = defineErrors({
  APP_ASSET_UNKNOWN: {
    message: (f: { name: string; folder: string; nearest?: string | undefined }) =>
      `There is no "${f.name}" in the assets folder ${f.folder}.${f.nearest ? ` Did you mean "${f.nearest}"?` : ''}`,
    remedy: 'Put the file there, or correct the name given to asset().',
  },
  APP_ASSETS_NOT_READ: {
    message: (f: { name: string }) => `asset("${f.name}") was called before the app was started.`,
    remedy: 'Call asset() in a view or a layout, not while modules are loaded.',
  },
  APP_NOT_AN_APP: {
    message: (f: { found: string }) => `The app's entry exports ${f.found} by default, not an app.`,
    remedy: 'Write: export default defineApp({ modules: [ … ] }).',
  },
  APP_PATH_INVALID: {
    message: (f: { path: string; owner: string; why: string }) =>
      `The path "${f.path}" of ${f.owner} ${f.why}.`,
    remedy: 'Write paths like /articles/:slug.',
  },
  APP_PATH_TAKEN: {
    message: (f: { method: string; path: string; first: string; second: string }) =>
      `${f.method} ${f.path} is claimed by module "${f.first}" and by module "${f.second}".`,
    remedy: 'Give one of them another path.',
  },
  APP_MODULE_TWICE: {
    message: (f: { name: string }) => `Two modules are called "${f.name}".`,
    remedy: 'Give each module its own name in defineModule({ name }).',
  },
  APP_NO_AUTH: {
    message: (f: { call: string }) => `${f.call} was called, but the app has no auth.`,
    remedy: 'Pass auth: defineAuth({ … }) to defineApp.',
  },
  APP_AUTH_COLUMN: {
    message: (f: { column: string; table: string }) =>
      `The users table "${f.table}" has no column "${f.column}".`,
    remedy: 'Spread userColumns() into it, and name its display column with defineAuth({ nameColumn }).',
  },
  APP_PART_IN_CACHED: {
    message: (f: { within: string; part: string }) =>
      `${f.within} looked at ${f.part} of the request, but its value is shown to other requests too.`,
    remedy: 'Look at it outside, and pass what was seen as an argument: it then belongs to the key.',
  },
  APP_CACHED_TWICE: {
    message: (f: { name: string }) => `Two cached functions are called "${f.name}".`,
    remedy: 'Give each its own name, and define them once, at the top level of a module.',
  },
  APP_CACHED_IN_REQUEST: {
    message: (f: { name: string }) => `cached("${f.name}") was defined while a request was answered.`,
    remedy: 'Define it at the top level of a module, and pass what it needs as arguments.',
  },
  APP_NOT_STARTED: {
    message: (f: { call: string }) => `${f.call} was called before the app was started.`,
    remedy: 'Call it in a load, an action, a handler, or anything else that runs after the start.',
  },
  APP_RESPONSE_INVALID: {
    message: (f: { route: string; status: number; problems: string }) =>
      `${f.route} answered ${f.status} with a body that its schema refuses: ${f.problems}.`,
    remedy: "Correct the handler's value, or the schema under response.",
  },
  APP_RESPONSE_SCHEMA: {
    message: (f: { route: string; status: number }) =>
      `The response schema of ${f.route} for status ${f.status} can't be written as JSON Schema.`,
    remedy: 'Use schemas of plain JSON values (and z.date()).',
  },
})
