import type { FastifyInstance } from 'fastify'
import type { Assets } from './assets.ts'
import { pathOf } from './exchange.ts'
import { HttpError } from './outcome.ts'

/** Serves the assets: for ever under their hashed names, `no-cache` under their plain ones. */
export function serveAssets(server: FastifyInstance, assets: Assets): void {
  server.get('/assets/*', async (request, reply) => {
    const found = assets.find(decodedPath(pathOf(request)))
    if (!found) throw new HttpError(404)
    const { asset, immutable } = found
    return reply
      .header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
      .type(asset.contentType)
      .send(asset.body)
  })
}

function decodedPath(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}
