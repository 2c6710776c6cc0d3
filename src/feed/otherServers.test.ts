import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type EmbeddedPostgres, embeddedPostgres } from '../data/index.ts'
import * as signals from './signals.ts'
import { createFeedSource, type FeedSource } from './source.ts'

/** Servers that can't tell their log, or no longer do: each needs a PostgreSQL of its own. */
const schema = `
  create table notes (id int primary key);
  alter table notes replica identity full;
  create publication quintet for table notes`
const folders: string[] = []
let primary: EmbeddedPostgres
let standby: EmbeddedPostgres
let source: FeedSource | undefined

beforeAll(async () => {
  primary = serverIn(newFolder())
  await primary.start()
  await run(primary.url, schema)
  standby = await standbyOf(primary)
}, 60_000)
afterEach(() => source?.stop())
afterAll(async () => {
  await standby?.stop()
  await primary?.stop()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

test('a server whose log is not logical is named, with what to do', async () => {
  const plain = serverIn(newFolder(), { wal_level: 'replica' })
  await plain.start()
  try {
    await expect(createFeedSource({ url: plain.url }).start()).rejects.toThrow(
      /FEED_WAL_LEVEL: .* wal_level is replica.*ALTER SYSTEM SET wal_level = 'logical'/,
    )
  } finally {
    await plain.stop()
  }
}, 60_000)

test('a standby is refused at the start', async () => {
  await expect(createFeedSource({ url: standby.url }).start()).rejects.toThrow(
    /FEED_STANDBY: .* is a standby.*address of the primary/,
  )
})

test('when the address leads to a standby the feed waits longer and longer, and begins a new epoch once that is promoted', async () => {
  const address = await movable(primary.url)
  const failures: { code: string; retryMs: number }[] = []
  const stopCounting = signals.failed.subscribe(({ error, retryMs }) =>
    failures.push({ code: error.code, retryMs }),
  )
  try {
    source = createFeedSource({ url: address.url, backoffMs: { first: 10, longest: 80 } })
    await source.start()
    await expect.poll(() => source?.position, { timeout: 20_000 }).not.toBeNull()
    const before = source.position
    const resets: string[] = []
    source.onReset(reason => resets.push(reason))
    const told: string[] = []
    source.onTransaction(({ changes }) => {
      for (const change of changes) if (change.kind === 'insert') told.push(change.new.id ?? '')
    })

    address.moveTo(standby.url)
    const refused = (): number[] =>
      failures.filter(({ code }) => code === 'FEED_STANDBY').map(({ retryMs }) => retryMs)
    await expect.poll(() => refused().length, { timeout: 20_000 }).toBeGreaterThan(3)
    expect(resets).toHaveLength(1)
    expect(source.position).toBeNull()
    const pauses = refused()
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b))
    expect(pauses.at(-1)).toBe(80)

    await run(standby.url, 'select pg_promote()')
    await expect.poll(() => source?.position, { timeout: 20_000 }).not.toBeNull()
    expect(source.position?.epoch).not.toBe(before?.epoch)
    expect(before && source.since(before)).toBeNull()
    await run(standby.url, 'insert into notes values (7)')
    expect(await source.barrier(10_000)).toBe(true)
    expect(told).toEqual(['7'])
  } finally {
    stopCounting()
    await source?.stop()
    await address.close()
  }
}, 60_000)

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quintet-servers-'))
  chmodSync(folder, 0o755)
  folders.push(folder)
  return folder
}

function serverIn(stateDir: string, settings: Record<string, string> = {}): EmbeddedPostgres {
  return embeddedPostgres({
    stateDir,
    port: 0,
    durable: false,
    settings: { shared_buffers: '16MB', autovacuum: 'off', ...settings },
  })
}

async function run(url: string, sql: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** A copy of the running server that follows it: what pg_basebackup does, which is not among the embedded programs. */
async function standbyOf(server: EmbeddedPostgres): Promise<EmbeddedPostgres> {
  const stateDir = newFolder()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const [row] = (await client.query(`select current_setting('data_directory') as folder`)).rows
  await client.query(`select pg_backup_start('standby', true)`)
  const from: string = row.folder
  const to = join(stateDir, 'postgres')
  const left = new Set(['postmaster.pid', 'postmaster.opts', 'pg_wal', 'pg_replslot'])
  cpSync(from, to, { recursive: true, filter: path => path === from || !left.has(basename(path)) })
  const [stop] = (await client.query('select labelfile from pg_backup_stop(false)')).rows
  writeFileSync(join(to, 'backup_label'), stop.labelfile)
  writeFileSync(join(to, 'standby.signal'), '')
  for (const folder of ['pg_wal', 'pg_wal/archive_status', 'pg_wal/summaries', 'pg_replslot'])
    cpSync(newFolder(), join(to, folder), { recursive: true })
  await client.end()
  const { uid, gid } = statSync(from)
  for (const path of ['', ...(readdirSync(to, { recursive: true }) as string[])])
    chownSync(join(to, path), uid, gid)
  chmodSync(to, 0o700)
  const { hostname, port, username, password } = new URL(server.url)
  writeFileSync(join(stateDir, 'postgres.password'), `${decodeURIComponent(password)}\n`)
  const copy = serverIn(stateDir, {
    primary_conninfo: `host=${hostname} port=${port} user=${username} password=${decodeURIComponent(password)}`,
  })
  await copy.start()
  return copy
}

/** An address that leads to one server, and later to another, as a load balancer's does after a failover. */
async function movable(
  url: string,
): Promise<{ url: string; moveTo(url: string): void; close(): Promise<void> }> {
  let target = new URL(url)
  const sockets = new Set<Socket>()
  const proxy = createServer(inner => {
    const outer = connect(Number(target.port), target.hostname)
    for (const socket of [inner, outer]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        inner.destroy()
        outer.destroy()
      })
    }
    inner.pipe(outer).pipe(inner)
  })
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const own = new URL(url)
  own.port = String((proxy.address() as { port: number }).port)
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: own.href,
    moveTo(other) {
      target = new URL(other)
      cut()
    },
    close() {
      cut()
      return new Promise(resolve => proxy.close(() => resolve()))
    },
  }
}
