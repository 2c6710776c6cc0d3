import http from 'node:http'

export interface Answer {
  readonly status: number
  readonly body: string
  /** The whole Cache-Status header (RFC 9211), or ''. */
  readonly cacheStatus: string
}

/** A keep-alive client with one connection, as each simulated reader has. */
export function connection(base: string): { get(path: string): Promise<Answer>; close(): void } {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  return {
    get: path =>
      new Promise((resolve, reject) => {
        http
          .get(`${base}${path}`, { agent }, response => {
            let body = ''
            response.setEncoding('utf8')
            response.on('data', chunk => {
              body += chunk
            })
            response.on('end', () =>
              resolve({
                status: response.statusCode ?? 0,
                body,
                cacheStatus: String(response.headers['cache-status'] ?? ''),
              }),
            )
            response.on('error', reject)
          })
          .on('error', reject)
      }),
    close: () => agent.destroy(),
  }
}
