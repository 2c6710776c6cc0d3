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
  SERVE_STREAM_ENDED: {
    message: (f: { path: string }) => `The edge stopped while it was telling ${f.path}.`,
    remedy: 'See `quintet status`, and watch again when it is up.',
  },
  SERVE_ROLE_UNKNOWN: {
    message: (f: { role: string; known: string; nearest?: string | undefined }) =>
      `There is no role "${f.role}"${f.nearest ? `; did you mean "${f.nearest}"?` : '.'}`,
    remedy: f => `The roles are ${f.known}.`,
  },
  SERVE_CRASH_LOOP: {
    message: (f: { name: string; crashes: number; last: string }) =>
      f.crashes === 1
        ? `${f.name} ended before it was ready (${f.last}).`
        : `${f.name} ended ${f.crashes} times in a row, each time too soon (last: ${f.last}).`,
    remedy: 'Its own error is in the log above; mend it and start again.',
  },
  SERVE_STOPPED: {
    message: (f: { name: string }) => `${f.name} was stopped before it was ready.`,
    remedy: 'Start it again when you want it.',
  },
  SERVE_SOCKET_TAKEN: {
    message: (f: { path: string }) => `Another process answers on ${f.path}.`,
    remedy: 'It is this worker, already running: stop it, or choose another --index.',
  },
  SERVE_DATABASE_LOST: {
    message: (f: { reason: string; log: string }) => `The embedded database is gone: ${f.reason}.`,
    remedy: f => `Read ${f.log}, then start again; committed data is kept.`,
  },
  SERVE_PREPARE_FAILED: {
    message: () => 'The database could not be prepared.',
    remedy: 'The reason is in the log above.',
  },
  SERVE_MIGRATIONS_PENDING: {
    message: (f: { pending: readonly string[] }) => `The database lacks ${f.pending.join(', ')}.`,
    remedy: 'Run `quintet migrate` with the same settings, then start again.',
  },
  SERVE_MODELS_AHEAD: {
    message: (f: { missing: readonly string[] }) =>
      `The models have what the database lacks: ${f.missing.join(', ')}.`,
    remedy: 'Run `quintet makemigrations`, then start again (or `quintet migrate` in production).',
  },
  SERVE_NO_SUCH_WORKER: {
    message: (f: { index: number; workers: number }) => `There is no app worker ${f.index}.`,
    remedy: f => `Choose --index from 1 to ${f.workers}, or raise app.workers.`,
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
  SERVE_APP_MISSING: {
    message: (f: { file: string; meant?: string | undefined }) => `There is no app at ${f.file}.`,
    remedy: f =>
      f.meant
        ? `Did you mean app: { entry: '${f.meant}' }?`
        : 'Run this in the app’s folder, name it with --root, or set app: { entry }.',
  },
  SERVE_APP_FAILED: {
    message: (f: { file: string; cause: string; meant?: string | undefined }) =>
      `The app ${f.file} can't be loaded: ${f.cause}.`,
    remedy: f => (f.meant ? `Did you mean '${f.meant}'?` : 'Mend it; --debug prints the whole stack.'),
  },
  SERVE_APP_NOT_DEFINED: {
    message: (f: { file: string; exports: readonly string[] }) =>
      `${f.file} has no default export made by defineApp${f.exports.length === 0 ? '' : ` (it exports ${f.exports.join(', ')})`}.`,
    remedy: 'Write `export default defineApp({ … })`, imported from quintet.',
  },
})
