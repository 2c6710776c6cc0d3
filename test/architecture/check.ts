import { drivers, rooms } from './rooms.ts'
import { type Import, readSourceFile, type SourceFile } from './sourceFile.ts'

/** Checks sources (path within `src` → text) against the table of rooms; each finding says why it matters. */
export function check(sources: ReadonlyMap<string, string>): string[] {
  const files = [...sources].map(([path, text]) => readSourceFile(path, text))
  return [...files.flatMap(checkFile), ...cycles(files)]
}

function checkFile(file: SourceFile): string[] {
  const room = rooms[file.room]
  if (!room)
    return [
      `${file.path}: ${file.room ? `src/${file.room} is no room` : 'a file outside all rooms'}. Every file has a home whose job is known; add the room to test/architecture/rooms.ts, or move the file.`,
    ]
  return [...file.imports.flatMap(one => checkImport(file, one)), ...checkBorder(file)]
}

function checkImport(file: SourceFile, { specifier, target, line }: Import): string[] {
  const at = `${file.path}:${line} imports '${specifier}'`
  if (target === undefined) return checkPackage(file, specifier, at)
  if (target.startsWith('../'))
    return [`${at}, outside src. The package is src alone: what it needs must be in it.`]
  const room = target.split('/')[0] ?? ''
  if (/\.test\.tsx?$/.test(target)) return [`${at}, a test. Nothing may depend on a test.`]
  if (room === file.room) return []
  if (room === 'testing')
    return file.isTest
      ? []
      : [`${at}. src/testing is for tests; a source that needs it would ship test code.`]
  const own = rooms[file.room]
  if (own?.hearsSignals && target === `${room}/signals.ts`) return []
  const wrong: string[] = []
  if (!file.isTest && !own?.mayImport.includes(room))
    wrong.push(
      `${at}. src/${file.room} may import ${own?.mayImport.join(', ') || 'no room'}: ${reason(file.room, room)}`,
    )
  if (target !== `${room}/index.ts`)
    wrong.push(
      `${at}. A room's only door is its index.ts: what is behind it may change without asking others.`,
    )
  return wrong
}

function reason(from: string, to: string): string {
  if ((from === 'app' && to === 'edge') || (from === 'edge' && to === 'app'))
    return 'app and edge talk HTTP, so that an edge can front an app in any language.'
  return `${to} stands above or beside it, and its job (${rooms[from]?.job}) must be understandable without ${to}.`
}

function checkPackage(file: SourceFile, specifier: string, at: string): string[] {
  if (/^quintet($|\/)/.test(specifier) && !file.isTest)
    return [`${at}. Sources import each other by path: through the package they would load twice.`]
  const driver = drivers.some(pattern => pattern.test(specifier))
  const allowed =
    file.isTest || file.room === 'data' || file.room === 'testing' || /\/engines\//.test(file.path)
  if (driver && !allowed)
    return [
      `${at}. Drivers are imported only in src/data and in engines/: whatever bypasses them is not recorded.`,
    ]
  return []
}

function checkBorder(file: SourceFile): string[] {
  if (file.isTest || rooms[file.room]?.atTheBorder) return []
  return file.borderUses.map(
    ({ name, line }) =>
      `${file.path}:${line} uses ${name}. Only rooms at the border of the process may: pass a setting in, throw an error, or emit a signal.`,
  )
}

/** Files that import each other in a circle, shortest way round, once for each circle. */
function cycles(files: readonly SourceFile[]): string[] {
  const graph = new Map(files.map(file => [file.path, file.imports.flatMap(one => one.target ?? [])]))
  const found = new Map<string, string>()
  for (const start of graph.keys()) {
    const circle = wayBack(graph, start)
    if (!circle) continue
    const key = [...circle].sort().join()
    if (!found.has(key))
      found.set(
        key,
        `${[...circle, start].join(' → ')}: a circle. None of these files can be understood, tested or loaded without the others; move what they share into a file of its own.`,
      )
  }
  return [...found.values()]
}

/** The shortest path of imports from a file to itself. */
function wayBack(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const queue: string[][] = [[start]]
  const seen = new Set<string>()
  for (let path = queue.shift(); path; path = queue.shift()) {
    for (const next of graph.get(path.at(-1) ?? '') ?? []) {
      if (next === start) return path
      if (seen.has(next)) continue
      seen.add(next)
      queue.push([...path, next])
    }
  }
  return undefined
}
