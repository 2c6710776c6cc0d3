import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { App } from '../app/index.ts'
import { meantFile, meantModule, QuintetError } from '../core/index.ts'
import type { Settings } from '../settings/index.ts'
import { errors } from './errors.ts'

/** Imports the app's entry. Throws SERVE_APP_MISSING, SERVE_APP_FAILED, SERVE_APP_NOT_DEFINED, or an error of the app room as it is. */
export async function loadApp({ root, app }: Pick<Settings, 'root' | 'app'>): Promise<App> {
  const file = resolve(root, app.entry)
  if (!existsSync(file)) throw errors.SERVE_APP_MISSING({ file, meant: meantFile(file) })
  let entry: { default?: unknown }
  try {
    entry = await import(pathToFileURL(file).href)
  } catch (cause) {
    if (cause instanceof QuintetError) throw cause // a wrong definition explains itself
    throw errors.SERVE_APP_FAILED({ file, cause: placed(cause, root), meant: meantModule(cause) }, { cause })
  }
  if (!isApp(entry.default)) throw errors.SERVE_APP_NOT_DEFINED({ file, exports: Object.keys(entry) })
  return entry.default
}

function isApp(value: unknown): value is App {
  return typeof value === 'object' && value !== null && (value as Partial<App>).kind === 'app'
}

/** What was thrown and the first place of the app's own that it came from. */
function placed(thrown: unknown, root: string): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const own = thrown.stack?.split('\n').find(line => line.includes(root) && !line.includes('node_modules'))
  const place = own?.slice(own.indexOf(root) + root.length + 1).replace(/\)$/, '')
  return place && !thrown.message.includes(place) ? `${thrown.message} (${place})` : thrown.message
}
