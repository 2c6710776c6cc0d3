import { readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { meantModule, nearest } from '../core/index.ts'
import { defineSettings, isDefinition, type SettingsDefinition } from './define.ts'
import { errors } from './errors.ts'
import { resolveSettings } from './resolve.ts'
import type { Settings } from './settings.ts'
import type { Environment } from './tree.ts'

export interface LoadOptions {
  /** The app's folder; default the working directory. */
  readonly root?: string
  /** The settings module's name; default `QUINTET_SETTINGS`, else `development`. */
  readonly environment?: string
  /** Default `process.env`. */
  readonly env?: Environment
  /** `name=value` texts that win over everything: `edge.http.port=9000`. */
  readonly set?: readonly string[]
}

const defaultEnvironment = 'development'
const moduleFile = /^([\w-]+)\.(?:ts|mts|js|mjs)$/

/**
 * Loads `settings/<environment>.ts` of an app, reads the environment variables it asks for, and checks everything.
 * An app without a settings folder has the defaults. Throws SETTINGS_INVALID with all problems at once,
 * SETTINGS_UNKNOWN_ENVIRONMENT, SETTINGS_MODULE_FAILED, SETTINGS_NOT_DEFINED, SETTINGS_BAD_OVERRIDE.
 */
export async function loadSettings(options: LoadOptions = {}): Promise<Settings> {
  const root = resolve(options.root ?? '.')
  const env = options.env ?? process.env
  const environment = options.environment ?? (env.QUINTET_SETTINGS || defaultEnvironment)
  const origin = options.environment
    ? '--settings'
    : env.QUINTET_SETTINGS
      ? 'QUINTET_SETTINGS'
      : 'the default'
  const definition = await loadDefinition(root, environment, origin)
  return resolveSettings(definition, {
    root,
    environment,
    env,
    set: options.set ?? [],
    fileName: file => fileName(root, file),
  })
}

async function loadDefinition(
  root: string,
  environment: string,
  origin: string,
): Promise<SettingsDefinition> {
  const folder = join(root, 'settings')
  const files = settingsFiles(folder)
  if (!files) {
    if (environment === defaultEnvironment) return defineSettings({})
    throw errors.SETTINGS_NO_FOLDER({ folder })
  }
  const file = files.get(environment)
  if (!file) {
    const known = [...files.keys()]
    throw errors.SETTINGS_UNKNOWN_ENVIRONMENT({
      environment,
      origin,
      folder,
      known,
      meant: nearest(environment, known),
    })
  }
  return importDefinition(join(folder, file))
}

/** Environment → file name; undefined without a folder. */
function settingsFiles(folder: string): Map<string, string> | undefined {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return undefined
  }
  const pairs = names.sort().flatMap(name => {
    const environment = moduleFile.exec(name)?.[1]
    return environment ? [[environment, name] as const] : []
  })
  return new Map(pairs)
}

async function importDefinition(file: string): Promise<SettingsDefinition> {
  let module: { default?: unknown }
  try {
    module = await import(pathToFileURL(file).href)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause)
    throw errors.SETTINGS_MODULE_FAILED({ file, reason, meant: meantModule(cause) }, { cause })
  }
  if (!isDefinition(module.default)) throw errors.SETTINGS_NOT_DEFINED({ file })
  return module.default
}

function fileName(root: string, file: string): string {
  const path = file.startsWith('file:') ? fileURLToPath(file) : file
  const inside = relative(root, path)
  return inside.startsWith('..') ? path : inside
}
