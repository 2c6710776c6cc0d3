import { accessSync, constants } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { meantFile } from '../core/index.ts'
import { embeddedConnections } from './defaults.ts'
import { type Problem, problemAt } from './report.ts'
import type { Complete } from './schema.ts'
import type { Settings } from './settings.ts'
import { workerCount } from './topology.ts'
import type { Branch } from './tree.ts'

/** Linux allows a Unix socket's path 107 bytes and a zero. */
const longestSocketPath = 107

type Add = (path: string, message: string, remedy: string) => void

/** What no single value shows: whether they fit each other and the machine. */
export function crossCheck(settings: Settings, written: Complete, tree: Branch): Problem[] {
  const problems: Problem[] = []
  const add: Add = (path, message, remedy) => problems.push(problemAt(tree, path.split('.'), message, remedy))
  checkPorts(settings, add)
  checkConnections(settings, add)
  checkTimes(settings, add)
  checkSizes(settings, add)
  checkFiles(settings, written, add)
  return problems
}

function checkPorts({ edge, database }: Settings, add: Add): void {
  const ports: [string, number][] = [
    ['edge.http.port', edge.http.port],
    ['edge.https.port', edge.https.port],
    ...(database.engine === 'embedded' ? [['database.port', database.port] as [string, number]] : []),
  ]
  ports.forEach(([path, port], index) => {
    const other = ports.slice(0, index).find(([, taken]) => taken === port && port !== 0)
    if (other) add(path, `is the port of ${other[0]} as well.`, 'Give each its own.')
  })
}

function checkConnections(settings: Settings, add: Add): void {
  if (settings.database.engine !== 'embedded') return // another server's max_connections is asked when it is reached
  const { max, reserved } = embeddedConnections
  const workers = workerCount(settings)
  const wanted = workers * settings.database.pool.max
  if (wanted > max - reserved)
    add(
      'database.pool.max',
      `times ${workers} workers (app.workers) makes ${wanted} connections; the embedded PostgreSQL has ${max - reserved} for them.`,
      `Set it to at most ${Math.floor((max - reserved) / workers)}, or run fewer workers.`,
    )
}

/** Each tier gives up before the one in front of it does, so that the reason reaches the client. */
function checkTimes({ edge, database, pages }: Settings, add: Add): void {
  if (database.statementTimeoutMs >= edge.timeouts.upstreamMs)
    add(
      'database.statementTimeout',
      `must be less than edge.timeouts.upstream (${edge.timeouts.upstreamMs} ms): the edge would give up first and never learn why.`,
      'Lower it, or raise edge.timeouts.upstream.',
    )
  if (edge.timeouts.upstreamMs >= edge.timeouts.idleMs)
    add(
      'edge.timeouts.idle',
      `must be more than edge.timeouts.upstream (${edge.timeouts.upstreamMs} ms): a client that waits for a slow answer would be cut off.`,
      'Raise it, or lower edge.timeouts.upstream.',
    )
  if (pages.freshnessMs < 10 || pages.freshnessMs > 60_000)
    add('pages.freshness', 'must be between 10ms and 60s.', 'The default, 300ms, suits most.')
}

function checkSizes({ pages, edge }: Settings, add: Add): void {
  if (pages.maxEntryBytes > pages.maxBytes)
    add('pages.maxEntrySize', 'is larger than the whole cache (pages.maxSize).', 'Lower it.')
  if (edge.maxHeaderBytes < 1024)
    add('edge.maxHeaderSize', "is too small for a browser's headers.", 'Allow at least 1kB; 16kB is usual.')
}

function checkFiles(settings: Settings, written: Complete, add: Add): void {
  const { root, app, edge, stateDir } = settings
  const entry = resolve(root, app.entry)
  if (!readable(entry)) {
    const meant = meantFile(entry)
    const remedy = meant ? `Did you mean '${meant}'?` : 'Name the module that exports defineApp(…).'
    add('app.entry', `is no readable file in ${root}.`, remedy)
  }
  if (edge.tls.engine === 'files') {
    const files = { cert: edge.tls.cert, key: edge.tls.key }
    for (const [name, file] of Object.entries(files))
      if (!readable(file))
        add(`edge.tls.${name}`, `is no readable file (${file}).`, 'Name a PEM file that this user may read.')
  }
  const socket = join(stateDir, 'run', 'app-100.sock')
  if (Buffer.byteLength(socket) > longestSocketPath)
    add(
      'stateDir',
      `makes paths of Unix sockets longer than the system's ${longestSocketPath} bytes (${socket}).`,
      `Set ${isAbsolute(written.stateDir) ? 'a shorter folder' : "an absolute, shorter one, such as '/var/lib/app'"}.`,
    )
}

function readable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK)
    return true
  } catch {
    return false
  }
}

/** What runs but should not stay so in production. */
export function advise({ debug, database, edge }: Settings): string[] {
  if (debug) return []
  const advice: string[] = []
  if (database.engine === 'embedded')
    advice.push(
      "database.engine is 'embedded' without debug: it has no backups and no replica. Use { engine: 'postgres', url }.",
    )
  if (edge.tls.engine === 'development')
    advice.push(
      "edge.tls.engine is 'development' without debug: browsers will warn. Use { engine: 'files', cert, key }.",
    )
  if (edge.hosts.length === 0)
    advice.push(
      'edge.hosts is empty: whatever host a client names, the app builds its addresses with it. List your names.',
    )
  return advice
}
