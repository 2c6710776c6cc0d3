import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { checkSocketPath } from './control.ts'

/** Where the processes of one app meet: Unix sockets under the state folder. */
export interface StateFolder {
  readonly feedSocket: string
  readonly edgeControl: string
  readonly supervisorControl: string
  readonly appSocket: (index: number) => string
}

/** Names the sockets under `stateDir` and makes their folder (mode 0700). Throws SERVE_SOCKET_PATH_TOO_LONG. */
export function stateFolder(stateDir: string): StateFolder {
  const run = join(stateDir, 'run')
  checkSocketPath(join(run, 'supervisor.sock'))
  mkdirSync(run, { recursive: true, mode: 0o700 })
  return {
    feedSocket: join(run, 'feed.sock'),
    edgeControl: join(run, 'edge.sock'),
    supervisorControl: join(run, 'supervisor.sock'),
    appSocket: index => join(run, `app-${index}.sock`),
  }
}
