import type { Logger } from 'pino'
import * as cache from '../cache/signals.ts'
import * as data from '../data/signals.ts'
import * as feed from '../feed/signals.ts'
import { signals as serve } from '../serve/signals.ts'

/**
 * The one subscriber that writes the players' signals as log lines. What happens with every request or commit is
 * `debug`, what an operator should know is `info`, what costs freshness or work is `warn`.
 * Returns the function that stops it.
 */
export function logSignals(log: Logger): () => void {
  const stops = [
    data.serverState.subscribe(({ state, detail }) =>
      log[state === 'died' ? 'error' : 'debug']({ detail }, `database ${state}`),
    ),
    data.connectionLost.subscribe(({ reason }) => log.warn({ reason }, 'database connection lost')),
    data.transactionRetried.subscribe(({ attempt, code }) =>
      log.debug({ attempt, code }, 'transaction tried again'),
    ),
    feed.connected.subscribe(({ position }) => log.info({ position }, 'feed connected')),
    feed.waiting.subscribe(({ for: what, waitedMs, holders }) =>
      log.warn({ what, waitedMs, holders }, 'feed waits'),
    ),
    feed.failed.subscribe(({ error, retryMs }) => log.error({ code: error.code, retryMs }, error.message)),
    feed.reset.subscribe(({ reason }) => log.warn({ reason }, 'feed begins anew')),
    feed.catalogChanged.subscribe(() => log.info('the catalog changed')),
    feed.transaction.subscribe(({ position, changes, lagMs, heldMs }) =>
      log.debug({ position, changes, lagMs, heldMs }, 'commit'),
    ),
    cache.pagesDropped.subscribe(({ reason, entries }) =>
      log[entries > 0 ? 'info' : 'debug']({ reason, entries }, 'page cache emptied'),
    ),
    cache.pagePurged.subscribe(({ entry, purge }) => log.debug({ page: entry.key, ...purge }, 'purged')),
    cache.pageRefused.subscribe(({ key, refusal }) =>
      log.debug({ page: key, kind: refusal.kind, reason: refusal.text }, 'not stored'),
    ),
    serve.childReady.subscribe(({ name, pid, restarts }) =>
      log.debug({ process: name, pid, restarts }, 'ready'),
    ),
    serve.childEnded.subscribe(({ name, pid, last, wasReady }) =>
      log.error({ process: name, pid, last, wasReady }, `${name} ended`),
    ),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
