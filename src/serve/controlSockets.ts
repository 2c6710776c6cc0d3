import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../settings/index.ts'
import { checkSocketPath } from './control.ts'

/** The control sockets of one app's processes, under `run/` of its state folder. */
export interface ControlSockets {
  readonly edge: string
  readonly supervisor: string
}

/** Names the control sockets and makes their folder (mode 0700). Throws SERVE_SOCKET_PATH_TOO_LONG. */
export function controlSockets({ stateDir }: Settings): ControlSockets {
  const run = join(stateDir, 'run')
  const sockets = { edge: join(run, 'edge.sock'), supervisor: join(run, 'supervisor.sock') }
  checkSocketPath(sockets.supervisor)
  mkdirSync(run, { recursive: true })
  chmodSync(run, 0o700)
  return sockets
}
