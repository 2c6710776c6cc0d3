import net from 'node:net'
import { errors } from './errors.ts'

/**
 * A bound TCP socket that the supervisor holds open and hands to whichever edge process is alive. Nobody accepts on
 * it here, so while an edge restarts its connections wait in the backlog instead of being refused.
 */
export interface BoundSocket {
  readonly host: string
  readonly port: number
  /** Sent to a child over IPC; the child calls `server.listen(handle)`. */
  readonly handle: net.Server
  close(): void
}

/** node:cluster shares listening sockets in the same way; the function has no public name. */
type CreateServerHandle = (
  address: string,
  port: number,
  addressType: 4 | 6,
  fd: number,
  flags: number,
) => number | NativeHandle
interface NativeHandle {
  close(): void
  getsockname(out: { address?: string; port?: number }): number
}

/** Binds `host:port` (0 picks a free port). Throws SERVE_PORT_TAKEN or SERVE_PORT_REFUSED naming the setting. */
export function bindSocket(host: string, port: number, setting: string): BoundSocket {
  const create = (net as unknown as { _createServerHandle: CreateServerHandle })._createServerHandle
  const handle = create(host, port, net.isIPv6(host) ? 6 : 4, -1, 0)
  if (typeof handle === 'number') throw refused(host, port, setting, handle)
  const bound: { port?: number } = {}
  // libuv keeps the error of a bind to itself and reports it with the next call.
  const code = handle.getsockname(bound)
  if (code !== 0) {
    handle.close()
    throw refused(host, port, setting, code)
  }
  return {
    host,
    port: bound.port ?? port,
    handle: handle as unknown as net.Server,
    close: () => handle.close(),
  }
}

/** Negative numbers are libuv error codes. */
function refused(host: string, port: number, setting: string, code: number): Error {
  const addressInUse = -98
  const addressInUseOnDarwin = -48
  if (code === addressInUse || code === addressInUseOnDarwin)
    return errors.SERVE_PORT_TAKEN({ host, port, setting })
  return errors.SERVE_PORT_REFUSED({ host, port, setting, reason: `system error ${code}` })
}
