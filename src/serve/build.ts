import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ignored = new Set(['node_modules', '.quintet', '.git', 'dist', 'coverage'])
const source = /\.(?:[cm]?[jt]s|[jt]sx)$/
const mostFiles = 20_000

/**
 * A short word for the app's code as it is on disk: a digest of path, size and time of change of every source file
 * under `root`. What else an app writes beside its code (uploads, logs) is no code.
 */
export function codeDigest(root: string): string {
  return digestOf(root, name => source.test(name))
}

/** The build: the code as it was before it was loaded, and all assets. Entries made by another build are never served. */
export function buildId(code: string, assets: string): string {
  return createHash('sha256')
    .update(code + digestOf(assets, () => true))
    .digest('hex')
    .slice(0, 12)
}

function digestOf(root: string, isPart: (name: string) => boolean): string {
  const digest = createHash('sha256')
  let files = 0
  const visit = (folder: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (ignored.has(entry.name) || files >= mostFiles) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile() && isPart(entry.name)) {
        const { size, mtimeMs } = statSync(path)
        digest.update(`${path}\0${size}\0${mtimeMs}\n`)
        files += 1
      }
    }
  }
  if (existsSync(root)) visit(root)
  return digest.digest('hex')
}
