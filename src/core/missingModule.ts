import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { nearest } from './nearest.ts'

/**
 * The file that a failed `import()` was probably meant to name, relative to the folder of the one that is missing:
 * `./pages.tsx`. Undefined if the error is about something else, or no file there is like it.
 */
export function meantModule(error: unknown): string | undefined {
  const { code, url } = error as { code?: string; url?: string }
  if (code !== 'ERR_MODULE_NOT_FOUND' || !url?.startsWith('file:')) return undefined
  return meantFile(fileURLToPath(url))
}

/** The module file beside a missing one whose name is nearest: `./pages.tsx`. */
export function meantFile(missing: string): string | undefined {
  const folder = dirname(missing)
  let names: string[]
  try {
    names = readdirSync(folder).filter(name => /\.[cm]?[jt]sx?$/.test(name))
  } catch {
    return undefined
  }
  const found = nearest(basename(missing), names)
  return found && `./${found}`
}
