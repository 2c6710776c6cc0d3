import { defineErrors } from '../core/index.ts'

export const errors = defineErrors({
  EDGE_PORT_TAKEN: {
    message: (f: { host: string; port: number; scheme: string }) =>
      `${f.host}:${f.port} is in use, so the edge can't listen for ${f.scheme} there.`,
    remedy: f => `Stop the other program, or set edge: { ${f.scheme}: { port } }.`,
  },
  EDGE_LISTEN_FAILED: {
    message: (f: { where: string; reason: string }) => `The edge can't listen on ${f.where} (${f.reason}).`,
    remedy: 'Choose an address of this machine and a port this user may open: edge: { host, http, https }.',
  },
  EDGE_CERTIFICATE_UNREADABLE: {
    message: (f: { path: string; reason: string }) => `The TLS file ${f.path} can't be used (${f.reason}).`,
    remedy: "Point edge: { tls: { engine: 'files', cert, key } } at a PEM certificate chain and its key.",
  },
  EDGE_NO_WORKER: {
    message: (f: { waitedMs: number }) => `No app worker took the request within ${f.waitedMs} ms.`,
    remedy: 'See the log of the app workers: they may be starting, or stopped by an error.',
  },
  EDGE_UPSTREAM_TIMEOUT: {
    message: (f: { timeoutMs: number }) => `The app worker did not answer within ${f.timeoutMs} ms.`,
    remedy: 'Find what takes so long, or raise edge: { timeouts: { upstream } }.',
  },
  EDGE_UPSTREAM_FAILED: {
    message: (f: { reason: string }) => `The app worker ended before it had answered (${f.reason}).`,
    remedy: 'See the log of the app workers; the request may or may not have been carried out.',
  },
  EDGE_BODY_TOO_LARGE: {
    message: (f: { maxBytes: number }) => `The request's body is over ${f.maxBytes} bytes.`,
    remedy: 'Send less, or raise edge: { maxBodySize }.',
  },
  EDGE_BAD_URL: {
    message: (f: { url: string }) => `"${f.url}" is no http or https address.`,
    remedy: 'Write an address as a browser shows it, or a path: /article/hello?page=2.',
  },
})
