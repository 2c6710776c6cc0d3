import type { FastifyInstance } from 'fastify'
import { untracked } from '../reads/index.ts'

/**
 * For supervisors and load balancers: `/-/health/live` says that the process answers, `/-/health/ready` that it can
 * serve, which takes the database. Never cached.
 */
export function serveHealth(server: FastifyInstance, ask: () => Promise<unknown>): void {
  server.get('/-/health/live', async (request, reply) => {
    request.exchange.recorder.veto('health')
    return reply.header('cache-control', 'no-store').send({ status: 'live' })
  })
  server.get('/-/health/ready', async (request, reply) => {
    request.exchange.recorder.veto('health')
    reply.header('cache-control', 'no-store')
    try {
      await untracked(ask)
      return reply.send({ status: 'ready' })
    } catch (error) {
      request.log.warn({ err: error }, 'not ready: the database does not answer')
      return reply.code(503).send({ status: 'not ready', reason: 'the database does not answer' })
    }
  })
}
