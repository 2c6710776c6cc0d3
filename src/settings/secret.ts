import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errors } from './errors.ts'

const fileName = 'secret'

/** Stands in the tree until everything else is known to be right; only then is a file written. */
export const toBeGenerated = 'generated once everything else is right'

/** What `quintet settings` says of it. */
export const generatedOrigin = `generated, in stateDir/${fileName}`

/** The development secret of this app: made on first use, kept in `stateDir` so that sessions survive a restart. */
export function generatedSecret(stateDir: string): string {
  const file = join(stateDir, fileName)
  try {
    mkdirSync(stateDir, { recursive: true })
    // `wx`: of several processes that start at once, one writes and all read the same
    writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' })
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST')
      throw errors.SETTINGS_SECRET_NOT_KEPT({ file, reason: String((cause as Error).message) }, { cause })
  }
  const secret = readFileSync(file, 'utf8').trim()
  if (secret.length < 32) throw errors.SETTINGS_SECRET_NOT_KEPT({ file, reason: 'it is too short' })
  return secret
}
