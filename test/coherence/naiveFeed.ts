import { openReplication, parseLsn } from '../../src/data/index.ts'
import { Assembler } from '../../src/feed/assembler.ts'
import { readEnvelope, statusUpdate } from '../../src/feed/envelope.ts'
import { Follower } from '../../src/feed/follower.ts'
import type { FeedView } from '../../src/feed/index.ts'

export interface StormFeed extends FeedView {
  close(): Promise<void>
}

/**
 * The control: a feed that tells a commit when the log speaks of it, without asking whether new snapshots show it
 * yet, as a cache behind plain logical replication does. It is wrong on purpose, and exists only here.
 */
export async function naiveFeed(
  url: string,
  ask: (text: string) => Promise<{ rows: { lsn: string }[] }>,
): Promise<StormFeed> {
  const replication = await openReplication(url, { applicationName: 'naive' })
  const follower = new Follower()
  const assembler = new Assembler()
  const [slot] = await replication.query(
    'CREATE_REPLICATION_SLOT naive TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT',
  )
  const epoch = 'naive'
  follower.begin({ epoch, lsn: parseLsn(slot?.consistent_point ?? '') }, 'begun')
  await replication.start(
    `START_REPLICATION SLOT naive LOGICAL 0/0 (proto_version '2', streaming 'on', messages 'true', publication_names 'quintet')`,
    message => {
      const envelope = readEnvelope(message)
      if (envelope.tag === 'keepalive') {
        follower.advance(envelope.walEnd)
        return
      }
      const commit = assembler.push(envelope.data)
      if (!commit) return
      const { xid, committedAt, changes, endLsn: lsn } = commit
      follower.apply({ position: { epoch, lsn }, xid, committedAt, changes }, 0)
    },
  )
  const status = (): void =>
    replication.send(statusUpdate(follower.position?.lsn ?? 0n, { reply: true, nowMs: Date.now() }))
  return {
    get position() {
      return follower.position
    },
    fresh: () => true,
    since: position => follower.since(position),
    reached: (target, timeoutMs) => follower.reached(target, timeoutMs),
    async barrier(timeoutMs) {
      const { rows } = await ask('select pg_current_wal_insert_lsn() as lsn')
      status()
      return follower.reached({ epoch, lsn: parseLsn(rows[0]?.lsn ?? '') }, timeoutMs)
    },
    onTransaction: listener => follower.onTransaction(listener),
    onReset: listener => follower.onReset(listener),
    async close() {
      follower.stop()
      await replication.close()
    },
  }
}
