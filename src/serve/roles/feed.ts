import { startAll } from '../../core/index.ts'
import { createFeedServer, createFeedSource } from '../../feed/index.ts'
import { feedSocket, type Settings } from '../../settings/index.ts'
import { databaseUrl } from '../databaseUrl.ts'
import type { RunningRole } from '../role.ts'

/** Follows the database's commit log and hands it to the other processes. */
export async function startFeed(settings: Settings): Promise<RunningRole> {
  const source = createFeedSource({
    url: databaseUrl(settings),
    publication: settings.database.publication,
  })
  const stop = await startAll([source, createFeedServer(source, feedSocket(settings))])
  return { drain: stop }
}
