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
  EDGE_BODY_TOO_SLOW: {
    message: (f: { withinMs: number }) => `The request's body did not arrive within ${f.withinMs} ms.`,
    remedy: 'Send less at once, or raise edge: { timeouts: { body } }.',
  },
  EDGE_BODIES_FULL: {
    message: (f: { heldBytes: number }) =>
      `The bodies of the requests in flight are over ${f.heldBytes} bytes.`,
    remedy: 'Try again in a moment. If it goes on, lower edge: { maxBodySize } or { timeouts: { body } }.',
  },
  EDGE_CLIENT_GONE: {
    message: (_: object) => 'The client broke off before its request was over.',
    remedy: 'Nothing is wrong here: clients may leave at any time.',
  },
  EDGE_CLIENT_STALLED: {
    message: (f: { stalledMs: number }) => `The client has read nothing for ${f.stalledMs} ms.`,
    remedy: 'If clients read that slowly, raise edge: { timeouts: { idle } }.',
  },
  EDGE_BAD_URL: {
    message: (f: { url: string }) => `"${f.url}" is no http or https address.`,
    remedy: 'Write an address as a browser shows it, or a path: /article/hello?page=2.',
  },
})
