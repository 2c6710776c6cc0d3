import { defineErrors } from '../core/index.ts'

export const errors = defineErrors({
  SERVE_PORT_TAKEN: {
    message: (f: { host: string; port: number; setting: string }) =>
      `${f.host}:${f.port} (setting ${f.setting}) is in use by another program.`,
    remedy: f => `Stop that program, or choose another port: --set ${f.setting}=${f.port + 1}.`,
  },
  SERVE_PORT_REFUSED: {
    message: (f: { host: string; port: number; setting: string; reason: string }) =>
      `Listening on ${f.host}:${f.port} (setting ${f.setting}) was refused: ${f.reason}.`,
    remedy: f =>
      f.port < 1024
        ? `Ports below 1024 need privileges; choose another: --set ${f.setting}=8080.`
        : `Check edge.host ("${f.host}") and ${f.setting}.`,
  },
  SERVE_ALREADY_RUNNING: {
    message: (f: { pid: number; stateDir: string }) =>
      `Quintet is already up for this app (process ${f.pid}, ${f.stateDir}).`,
    remedy: 'Stop it with Ctrl-C in its terminal, or set stateDir to another folder.',
  },
  SERVE_NOT_RUNNING: {
    message: (f: { socket: string }) => `Nothing answers on ${f.socket}: Quintet is not up for this app.`,
    remedy: 'Start it with `quintet up`, or name the app’s folder with --root.',
  },
  SERVE_ROLE_UNKNOWN: {
    message: (f: { role: string; known: string; nearest?: string | undefined }) =>
      `There is no role "${f.role}"${f.nearest ? `; did you mean "${f.nearest}"?` : '.'}`,
    remedy: f => `The roles are ${f.known}.`,
  },
  SERVE_CRASH_LOOP: {
    message: (f: { name: string; crashes: number; last: string }) =>
      `${f.name} stopped ${f.crashes} times in a row without becoming ready (last: ${f.last}).`,
    remedy: 'Its own error is in the log above; mend it and start again.',
  },
  SERVE_PREPARE_FAILED: {
    message: (f: { last: string }) => `The database could not be prepared (${f.last}).`,
    remedy: 'The reason is in the log above.',
  },
  SERVE_SOCKET_PATH_TOO_LONG: {
    message: (f: { path: string; bytes: number; limit: number }) =>
      `The socket path ${f.path} has ${f.bytes} bytes; the operating system allows ${f.limit}.`,
    remedy: 'Set stateDir to a folder with a shorter path.',
  },
  SERVE_CONTROL_FAILED: {
    message: (f: { path: string; status: number; reason: string }) =>
      `${f.path} answered ${f.status}: ${f.reason}.`,
    remedy: 'See the log of the process that answered.',
  },
})
