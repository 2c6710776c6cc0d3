import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { embeddedPostgres, openReplication } from '../data/index.ts'
import { testDatabase } from '../testing/database.ts'
import { Assembler, type CommittedTransaction } from './assembler.ts'
import { readEnvelope } from './envelope.ts'
import * as signals from './signals.ts'
import { createFeedSource } from './source.ts'

const schema = `
  create table notes (id int primary key);
  alter table notes replica identity full;
  create publication quintet for table notes`

test('whatever has been told is seen by a read that begins afterwards, in a storm of commits', async () => {
  const database = await testDatabase(schema)
  const pool = new pg.Pool({ connectionString: database.url, max: 8 })
  pool.on('error', () => {})
  const source = createFeedSource({ url: database.url })
  const reads: Promise<{ id: string; seen: boolean }>[] = []
  const told: bigint[] = []
  source.onTransaction(({ position, changes }) => {
    told.push(position.lsn)
    for (const change of changes) {
      if (change.kind !== 'insert') throw new Error(`unexpected ${change.kind}`)
      const id = change.new.id ?? ''
      reads.push(
        pool
          .query('select from notes where id = $1', [id])
          .then(result => ({ id, seen: result.rowCount === 1 })),
      )
    }
  })
  try {
    await source.start()
    await expect.poll(() => source.position, { timeout: 20_000 }).not.toBeNull()
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      const client = new pg.Client({ connectionString: database.url })
      await client.connect()
      for (let n = 0; n < 100; n++) {
        const level = ['on', 'off', 'local'][n % 3]
        await client.query(
          `begin; set local synchronous_commit = ${level}; insert into notes values (${writer * 1_000 + n}); commit`,
        )
      }
      await client.end()
    })
    await Promise.all(writers)
    expect(await source.barrier(10_000)).toBe(true)
    const results = await Promise.all(reads)
    expect(results).toHaveLength(400)
    expect(results.filter(result => !result.seen)).toEqual([])
    expect(told).toEqual([...told].sort((a, b) => (a < b ? -1 : 1)))
  } finally {
    await source.stop()
    await pool.end()
    await database.close()
  }
})

/**
 * With synchronous replication a commit stays in doubt while the standby is late: it is in the log, and the
 * walsender speaks of it, but no snapshot shows it. Needs a server of its own, since it concerns all of it.
 */
test('a commit in doubt is in the log, but is told only once it shows', async () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'quintet-doubt-'))
  const postgres = embeddedPostgres({
    stateDir,
    port: 0,
    durable: false,
    // `late` never comes; only commits that ask for it wait for a standby.
    settings: {
      shared_buffers: '16MB',
      synchronous_standby_names: 'late, counted',
      synchronous_commit: 'local',
    },
  })
  await postgres.start()
  const pool = new pg.Pool({ connectionString: postgres.url, max: 4 })
  // The server is stopped while connections that the pool has given up are still closing.
  pool.on('error', () => {})
  const source = createFeedSource({ url: postgres.url })
  const naive = await openReplication(postgres.url)
  try {
    await pool.query(schema)
    await source.start()
    await expect.poll(() => source.position, { timeout: 20_000 }).not.toBeNull()
    const told: string[] = []
    source.onTransaction(({ changes }) => {
      for (const change of changes) if (change.kind === 'insert') told.push(change.new.id ?? '')
    })

    // The control: emitting when the log speaks.
    await naive.query('CREATE_REPLICATION_SLOT naive TEMPORARY LOGICAL pgoutput NOEXPORT_SNAPSHOT')
    const assembler = new Assembler()
    const spoken = Promise.withResolvers<CommittedTransaction>()
    await naive.start(
      `START_REPLICATION SLOT naive LOGICAL 0/0 (proto_version '2', streaming 'on', messages 'true', publication_names 'quintet')`,
      message => {
        const envelope = readEnvelope(message)
        const commit = envelope.tag === 'data' ? assembler.push(envelope.data) : undefined
        if (commit && commit.changes.length > 0) spoken.resolve(commit)
      },
    )

    const waiting = new Promise<string>(resolve => {
      const stop = signals.waiting.subscribe(event => {
        if (event.for === 'visibility') {
          stop()
          resolve(event.for)
        }
      })
    })
    const doubtful = pool.query(
      'begin; set local synchronous_commit = on; insert into notes values (1); commit',
    )
    const commit = await spoken.promise
    expect(commit.changes).toEqual([{ kind: 'insert', table: 'public.notes', new: { id: '1' } }])
    // A naive purge would come now, and this read would fill the cache with the old state again.
    expect((await pool.query('select from notes')).rowCount).toBe(0)
    await waiting
    expect(told).toEqual([])
    expect(source.position?.lsn).toBeLessThan(commit.endLsn)

    // Ends the wait, not the transaction, which is committed already.
    await pool.query(`select pg_cancel_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'`)
    await doubtful
    expect(await source.reached({ epoch: source.position?.epoch ?? '', lsn: commit.endLsn }, 5_000)).toBe(
      true,
    )
    expect(told).toEqual(['1'])

    // A feed that the server counts among its standbys would make every commit wait for a cache.
    const refused = createFeedSource({ url: postgres.url, applicationName: 'counted' })
    const failed = new Promise<string>(resolve => {
      const stop = signals.failed.subscribe(({ error }) => {
        if (error.code !== 'FEED_SYNCHRONOUS') return
        stop()
        resolve(error.message)
      })
    })
    await refused.start()
    expect(await failed).toMatch(/synchronous_standby_names is late, counted/)
    await refused.stop()
  } finally {
    await source.stop()
    await naive.close()
    await pool.end()
    await postgres.stop()
    rmSync(stateDir, { recursive: true, force: true })
  }
})
