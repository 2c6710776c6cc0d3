import { createEdge, type Listen } from '../../edge/index.ts'
import { createFeedClient } from '../../feed/index.ts'
import { feedSocket, type Settings, workerSockets } from '../../settings/index.ts'
import type { ToChild } from '../child.ts'
import { openControl } from '../control.ts'
import { controlSockets } from '../controlSockets.ts'
import type { RunningRole } from '../role.ts'

/** Faces the clients: on the sockets the supervisor hands over, or (run by itself) on its own. */
export async function startEdge(settings: Settings): Promise<RunningRole> {
  const handed = process.send ? await handedSockets() : undefined
  const feed = createFeedClient({ socketPath: feedSocket(settings), freshnessMs: settings.pages.freshnessMs })
  const edge = createEdge({ settings, feed, workers: workerSockets(settings), ...handed })
  await feed.start()
  await edge.start()
  const control = await openControl(
    controlSockets(settings).edge,
    {
      '/status': () => edge.status(),
      '/explain': query => {
        const cookie = query.get('cookie') ?? undefined
        return edge.explain(query.get('url') ?? '', cookie === undefined ? {} : { cookie })
      },
    },
    { '/watch': tell => edge.watch(tell) },
  )
  return {
    async drain() {
      await control.close()
      await edge.stop()
      await feed.stop()
    },
  }
}

/** Waits for the supervisor's two listening sockets. */
function handedSockets(): Promise<{ http: Listen; https: Listen }> {
  const sockets: { http?: Listen; https?: Listen } = {}
  return new Promise(resolve => {
    const take = (message: unknown, handle: unknown): void => {
      const { type, name } = message as Extract<ToChild, { type: 'socket' }>
      if (type !== 'socket') return
      sockets[name] = { handle }
      if (!sockets.http || !sockets.https) return
      process.off('message', take)
      resolve({ http: sockets.http, https: sockets.https })
    }
    process.on('message', take)
  })
}
