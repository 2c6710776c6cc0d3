import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { nearest } from '../core/index.ts'
import { contentType } from './contentType.ts'
import { errors } from './errors.ts'

/** A file of the assets folder, held in memory since the start. */
export interface Asset {
  /** `img/logo.svg`. */
  readonly name: string
  /** `/assets/img/logo.3f2a….svg`: changes with the content, so it may be cached for ever. */
  readonly url: string
  readonly contentType: string
  readonly body: Buffer
}

/** All assets; a request path is looked up as a whole, so none can lead out of the folder. */
export interface Assets {
  readonly folder: string
  url(name: string): string
  /** By URL path: hashed (`immutable`) or plain. */
  find(path: string): { asset: Asset; immutable: boolean } | undefined
}

const prefix = '/assets/'
let current: Assets | undefined

/** Reads and hashes the folder's files; hidden ones are left out. A folder that isn't there has none. `builtIn` come before them. */
export function readAssets(folder: string, builtIn: readonly { name: string; body: Buffer }[] = []): Assets {
  const byName = new Map<string, Asset>()
  const byPath = new Map<string, { asset: Asset; immutable: boolean }>()
  const own = listFiles(folder).map(file => ({
    name: relative(folder, file).split(sep).join('/'),
    body: readFileSync(file),
  }))
  for (const { name, body } of [...builtIn, ...own]) {
    const asset = { name, url: prefix + withHash(name, body), contentType: contentType(name), body }
    byName.set(name, asset)
    byPath.set(prefix + name, { asset, immutable: false })
    byPath.set(asset.url, { asset, immutable: true })
  }
  return {
    folder,
    url(name) {
      const asset = byName.get(name)
      if (!asset) throw errors.APP_ASSET_UNKNOWN({ name, folder, nearest: nearest(name, byName.keys()) })
      return encodeURI(asset.url)
    },
    find: path => byPath.get(path),
  }
}

/** The assets that `asset()` speaks of from now on. */
export function useAssets(assets: Assets): void {
  current = assets
}

/** The URL of a file in the app's assets folder, with its content's hash in it: `asset('style.css')`. Throws APP_ASSET_UNKNOWN. */
export function asset(name: string): string {
  if (!current) throw errors.APP_ASSETS_NOT_READ({ name })
  return current.url(name)
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
      .map(entry => join(entry.parentPath, entry.name))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** `style.css` → `style.3f2a91c04b.css`. */
function withHash(name: string, body: Buffer): string {
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 10)
  const slash = name.lastIndexOf('/')
  const dot = name.lastIndexOf('.')
  return dot > slash + 1 ? `${name.slice(0, dot)}.${hash}${name.slice(dot)}` : `${name}.${hash}`
}
