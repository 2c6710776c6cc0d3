import { createHash } from 'node:crypto'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ignored = new Set(['node_modules', '.quintet', '.git', 'dist', 'coverage'])
const mostFiles = 20_000

/**
 * A short word for the app's code as it is on disk: a digest of every file's path, size and time of change under
 * `root`. Entries made by another build are never served.
 */
export function buildId(root: string): string {
  const digest = createHash('sha256')
  let files = 0
  const visit = (folder: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) {
      if (ignored.has(entry.name) || files >= mostFiles) continue
      const path = join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) {
        const { size, mtimeMs } = statSync(path)
        digest.update(`${path}\0${size}\0${mtimeMs}\n`)
        files += 1
      }
    }
  }
  visit(root)
  return digest.digest('hex').slice(0, 12)
}
