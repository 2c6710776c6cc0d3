import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type DedicatedConnection,
  type Position,
  parseLsn,
  type ReplicationConnection,
} from '../data/index.ts'
import { literal } from './preflight.ts'
import * as signals from './signals.ts'
import { parseSnapshot } from './snapshot.ts'

const reportEveryMs = 1_000

/** A fresh word for a slot's positions: 40 random bits in lower-case letters and digits. */
export function newEpoch(): string {
  return Number.parseInt(randomBytes(5).toString('hex'), 16).toString(36).padStart(8, '0')
}

/**
 * Makes the temporary slot and returns its consistent point as a position, from which on reads see every commit
 * at or before it. Both steps wait for writers, and say so:
 *
 * - The server waits for those that were open when the slot was asked for; their commits may be half in the past.
 * - Rule 1: a commit record before the consistent point may belong to a transaction that snapshots don't show yet.
 *   All of those have ids below a fence taken now, so once no transaction up to the fence is in progress, they show.
 */
export async function openSlot(
  replication: ReplicationConnection,
  ordinary: DedicatedConnection,
  reports: DedicatedConnection,
  epoch: string,
): Promise<Position> {
  const created = replication.query(
    `CREATE_REPLICATION_SLOT ${slotName(epoch)} TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT`,
  )
  const [slot] = await reporting('slot', reports, created)
  const [fence] = await ordinary.query('select pg_current_xact_id() as xid')
  await reporting('fence', reports, passFence(ordinary, BigInt(fence?.xid ?? '')))
  return { epoch, lsn: parseLsn(slot?.consistent_point ?? '') }
}

function slotName(epoch: string): string {
  return `quintet_${epoch}`
}

/** Begins the stream: version 2 of the protocol, for transactions told while they run, with logical messages. */
export function startCommand(epoch: string, publication: string): string {
  const names = literal(`"${publication.replaceAll('"', '""')}"`)
  return `START_REPLICATION SLOT ${slotName(epoch)} LOGICAL 0/0 (proto_version '2', streaming 'on', messages 'true', publication_names ${names})`
}

/**
 * Ends a walsender that may still be waiting for writers: until the slot is made it does not notice that its client
 * has gone. Gives up after a second, and never throws.
 */
export async function endWalsender(reports: DedicatedConnection, processId: number): Promise<void> {
  const ended = reports.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where pid = ${processId} and backend_type = 'walsender'`,
  )
  await Promise.race([ended, delay(1_000, undefined, { ref: false })]).catch(() => {})
}

async function passFence(ordinary: DedicatedConnection, fence: bigint): Promise<void> {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 50)) {
    const [row] = await ordinary.query('select pg_current_snapshot() as snapshot')
    if (parseSnapshot(row?.snapshot ?? '').xmin > fence) return
    await delay(waitMs)
  }
}

/** Waits for the work; after a second, and every second from then on, signals who holds it up. */
async function reporting<Result>(
  what: 'slot' | 'fence',
  reports: DedicatedConnection,
  work: Promise<Result>,
): Promise<Result> {
  const begun = performance.now()
  let running = true
  const timer = setInterval(async () => {
    const holders = await openWriters(reports).catch(() => [])
    if (!running) return
    signals.waiting.emit(() => ({ for: what, waitedMs: performance.now() - begun, holders }))
  }, reportEveryMs)
  try {
    return await work
  } finally {
    running = false
    clearInterval(timer)
  }
}

/** Every transaction that holds a transaction id, oldest first, in words. */
export async function openWriters(reports: DedicatedConnection): Promise<string[]> {
  const rows = await reports.query(`
    select format('process %s (%s, %s) in a transaction since %s', pid, usename,
      coalesce(nullif(application_name, ''), 'unnamed'), date_trunc('second', xact_start)) as holder
    from pg_stat_activity where backend_xid is not null and pid <> pg_backend_pid()
    union all
    select format('prepared transaction %s since %s', gid, date_trunc('second', prepared)) from pg_prepared_xacts
    limit 10`)
  return rows.map(row => row.holder ?? '')
}
