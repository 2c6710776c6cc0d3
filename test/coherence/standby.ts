import { setTimeout as delay } from 'node:timers/promises'
import { formatLsn, openReplication, parseLsn } from '../../src/data/index.ts'
import { statusUpdate } from '../../src/feed/envelope.ts'

/**
 * A synchronous standby as the primary sees one: it receives the whole log and confirms it `lateMs` later, so that
 * every commit of a session with `synchronous_commit = on` stays in doubt that long: in the log, but not visible.
 * The server must name `applicationName` in `synchronous_standby_names`.
 */
export async function synchronousStandby(
  url: string,
  applicationName: string,
  lateMs: number,
): Promise<{ close(): Promise<void> }> {
  const replication = await openReplication(url, { applicationName })
  const [identity] = await replication.query('IDENTIFY_SYSTEM')
  let received = parseLsn(identity?.xlogpos ?? '')
  let closed = false
  const confirm = (lsn: bigint): void => {
    if (!closed) replication.send(statusUpdate(lsn, { reply: false, nowMs: Date.now() }))
  }
  await replication.start(`START_REPLICATION PHYSICAL ${formatLsn(received)}`, message => {
    if (message[0] === 0x6b) {
      confirm(received)
      return
    }
    if (message[0] !== 0x77) return
    // XLogData: its start, the end of the log, the time, then as many bytes of log as follow.
    received = message.readBigUInt64BE(1) + BigInt(message.length - 25)
    const lsn = received
    void delay(lateMs).then(() => confirm(lsn))
  })
  confirm(received)
  return {
    async close() {
      closed = true
      await replication.close()
    },
  }
}
