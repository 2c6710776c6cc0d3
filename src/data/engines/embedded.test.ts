import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase } from '../database.ts'
import { type EmbeddedPostgres, embeddedPostgres, embeddedUrl } from './embedded.ts'

let stateDir: string
const started: EmbeddedPostgres[] = []
const supervisors: { kill: () => Promise<void> }[] = []
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'quintet-embedded-'))
  // As a project's folder usually is: others may enter.
  chmodSync(stateDir, 0o755)
})
afterEach(async () => {
  for (const holder of supervisors.splice(0)) await holder.kill()
  for (const postgres of started.splice(0)) await postgres.stop()
  const note = join(stateDir, 'postgres-is-elsewhere.txt')
  const elsewhere = existsSync(note)
    ? /kept in (.*)\/postgres/.exec(readFileSync(note, 'utf8'))?.[1]
    : undefined
  if (elsewhere) rmSync(elsewhere, { recursive: true })
  rmSync(stateDir, { recursive: true, force: true })
})

const root = process.getuid?.() === 0

function make(port = 0, more: Partial<Parameters<typeof embeddedPostgres>[0]> = {}): EmbeddedPostgres {
  const postgres = embeddedPostgres({ stateDir, port, durable: false, ...more })
  started.push(postgres)
  return postgres
}

async function ask(url: string, text: string): Promise<Record<string, unknown>[]> {
  const database = createDatabase({ url, poolMax: 1 })
  try {
    return (await database.query(text)).rows
  } finally {
    await database.close()
  }
}

/** Every process whose working directory is the cluster: the server and its children. */
function serverProcesses(folder: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter(pid => {
      try {
        return pid > 0 && readlinkSync(`/proc/${pid}/cwd`) === folder
      } catch {
        return false
      }
    })
}

/** A supervisor in a process of its own, to be killed. */
async function supervisor(): Promise<{
  pid: number
  url: string
  postgres: number
  kill: () => Promise<void>
}> {
  const module = fileURLToPath(new URL('./embedded.ts', import.meta.url))
  const script = `
    import { embeddedPostgres } from ${JSON.stringify(module)}
    const postgres = embeddedPostgres({ stateDir: ${JSON.stringify(stateDir)}, port: 0, durable: false })
    await postgres.start()
    console.log(JSON.stringify({ url: postgres.url, postgres: postgres.pid }))`
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  const { url, postgres } = JSON.parse(line)
  const ended = once(child, 'exit')
  const made = {
    pid: child.pid as number,
    url,
    postgres,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
  supervisors.push(made)
  return made
}

test('starts with what the feed needs, keeps its data, stops twice without complaint', async () => {
  const postgres = make()
  expect(() => postgres.url).toThrow('DATA_NOT_STARTED')
  await postgres.start()
  await postgres.start()
  const { url } = postgres
  expect(
    await ask(
      url,
      `select current_setting('wal_level') as wal, current_setting('TimeZone') as zone, current_setting('server_encoding') as encoding,
         current_database() as database, datlocprovider as provider, datlocale as locale from pg_database where datname = 'app'`,
    ),
  ).toEqual([
    { wal: 'logical', zone: 'UTC', encoding: 'UTF8', database: 'app', provider: 'b', locale: 'C.UTF-8' },
  ])
  await ask(url, 'create table kept (n int); insert into kept values (1)')
  const { pid } = postgres
  await postgres.stop()
  await postgres.stop()
  expect(() => process.kill(pid as number, 0)).toThrow('ESRCH')
  expect(statSync(join(stateDir, 'postgres.password')).mode & 0o777).toBe(0o600)

  const port = Number(new URL(url).port)
  const again = make(port)
  expect(again.url).toBe(url)
  expect(embeddedUrl({ stateDir, port })).toBe(url)
  await again.start()
  expect(await ask(url, 'select n from kept')).toEqual([{ n: 1 }])
})

test('a lost password is made anew, and the data stays', async () => {
  const first = make()
  await first.start()
  await ask(first.url, 'create table kept (n int)')
  await first.stop()
  rmSync(join(stateDir, 'postgres.password'))
  const again = make()
  await again.start()
  expect(await ask(again.url, 'select * from kept')).toEqual([])
})

test('a wrong password is refused', async () => {
  const postgres = make()
  await postgres.start()
  const url = new URL(postgres.url)
  url.password = 'guess'
  await expect(ask(url.href, 'select 1')).rejects.toThrow('password authentication failed')
})

test('a taken port is named, and nothing half-started stays', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await expect(make(port).start()).rejects.toThrow(`DATA_PORT_TAKEN: Port ${port} on 127.0.0.1`)
  other.close()
  expect(existsSync(join(stateDir, 'postgres', 'postmaster.pid'))).toBe(false)
})

test('a folder in use by a living supervisor is refused', async () => {
  const holder = await supervisor()
  try {
    await expect(make().start()).rejects.toThrow(
      new RegExp(
        `DATA_FOLDER_IN_USE.*process ${holder.pid} runs a PostgreSQL \\(process ${holder.postgres}\\)`,
      ),
    )
    expect(await ask(holder.url, 'select 1 as n')).toEqual([{ n: 1 }])
  } finally {
    await holder.kill()
  }
})

test('when everything is killed with -9, what was committed is there at the next start', async () => {
  const holder = await supervisor()
  await ask(holder.url, 'create table kept (n int); insert into kept values (1)')
  const folder = join(stateDir, 'postgres')
  // The server first, so that the supervisor's end finds nothing to stop; its children are left as orphans.
  process.kill(holder.postgres, 'SIGKILL')
  await holder.kill()
  expect(existsSync(join(folder, 'postmaster.pid'))).toBe(true)
  const postgres = make()
  await postgres.start()
  expect(await ask(postgres.url, 'select n from kept')).toEqual([{ n: 1 }])
  expect(readFileSync(join(stateDir, 'postgres.log'), 'utf8')).toContain('was not properly shut down')
})

test('a server that outlives its killed supervisor is stopped by itself or by the next start', async () => {
  const holder = await supervisor()
  await ask(holder.url, 'create table kept (n int); insert into kept values (1)')
  await holder.kill()
  const postgres = make()
  await postgres.start()
  expect(await ask(postgres.url, 'select n from kept')).toEqual([{ n: 1 }])
  expect(serverProcesses(join(stateDir, 'postgres'))).not.toContain(holder.postgres)
  expect(readFileSync(join(stateDir, 'postgres.log'), 'utf8')).not.toContain('was not properly shut down')
})

test('a server without a supervisor ends by itself', async () => {
  const holder = await supervisor()
  const folder = join(stateDir, 'postgres')
  expect(serverProcesses(folder)).toContain(holder.postgres)
  await holder.kill()
  await expect.poll(() => serverProcesses(folder), { timeout: 10_000 }).toEqual([])
})

test('a second service on the folder in the same process is refused too', async () => {
  const first = make()
  await first.start()
  await expect(make().start()).rejects.toThrow('DATA_FOLDER_IN_USE')
  expect(await ask(first.url, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('a killed server that nobody has reaped is no server', async () => {
  const first = make()
  await first.start()
  await first.stop()
  // A process that was a shell, and waits for no child, keeps a zombie of the one that ends.
  const parent = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [zombie] = await once(createInterface(parent.stdout), 'line')
  const patient = { timeout: 10_000 }
  await expect.poll(() => readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8'), patient).toMatch(/^sleep/)
  process.kill(Number(zombie), 'SIGKILL')
  await expect.poll(() => readFileSync(`/proc/${zombie}/stat`, 'utf8'), patient).toContain(') Z ')
  writeFileSync(join(stateDir, 'postgres', 'postmaster.pid'), `${zombie}\n${join(stateDir, 'postgres')}\n`)
  try {
    await make().start()
  } finally {
    parent.kill('SIGKILL')
  }
})

test("a stale postmaster.pid with another program's number doesn't stop the start", async () => {
  const first = make()
  await first.start()
  await first.stop()
  // PostgreSQL itself would refuse: the process is alive.
  writeFileSync(
    join(stateDir, 'postgres', 'postmaster.pid'),
    `${process.pid}\n${join(stateDir, 'postgres')}\n`,
  )
  await make().start()
})

test('the end of the server by itself is told', async () => {
  const told = Promise.withResolvers<string>()
  const postgres = make(0, { onExit: told.resolve })
  await postgres.start()
  process.kill(postgres.pid as number, 'SIGKILL')
  expect(await told.promise).toContain('SIGKILL')
  await postgres.start()
  expect(await ask(postgres.url, 'select 1 as n')).toEqual([{ n: 1 }])
})

test('a cluster of another version, or a folder with something else in it, is left alone', async () => {
  const folder = join(stateDir, 'postgres')
  mkdirSync(folder)
  writeFileSync(join(folder, 'PG_VERSION'), '14\n')
  await expect(make().start()).rejects.toThrow(
    /DATA_FOLDER_VERSION.*PostgreSQL 14, but the embedded one is version 18/,
  )
  rmSync(join(folder, 'PG_VERSION'))
  writeFileSync(join(folder, 'letter.txt'), 'precious')
  await expect(make().start()).rejects.toThrow('DATA_FOLDER_FOREIGN')
  expect(readFileSync(join(folder, 'letter.txt'), 'utf8')).toBe('precious')
})

test("what the server says is in the error when it can't start", async () => {
  const bad = make(0, { settings: { shared_buffers: 'plenty' } })
  await expect(bad.start()).rejects.toThrow(/DATA_EMBEDDED_FAILED.*failed to start.*shared_buffers/s)
  expect(bad.pid).toBeUndefined()
})

test.runIf(root)(
  'as root, in a folder that no other account can enter, the cluster is kept elsewhere',
  async () => {
    chmodSync(stateDir, 0o700)
    const postgres = make()
    await postgres.start()
    await ask(postgres.url, 'create table kept (n int)')
    const { pid } = postgres
    expect(statSync(`/proc/${pid}`).uid).not.toBe(0)
    expect(existsSync(join(stateDir, 'postgres'))).toBe(false)
    const note = readFileSync(join(stateDir, 'postgres-is-elsewhere.txt'), 'utf8')
    const folder = /kept in (.*)/.exec(note)?.[1] ?? ''
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    await postgres.stop()
    const again = make()
    await again.start()
    expect(await ask(again.url, 'select * from kept')).toEqual([])
  },
)

test.runIf(root)('clusters kept elsewhere go with their temporary project, not with any other', async () => {
  const gone = mkdtempSync(join(tmpdir(), 'quintet-gone-'))
  const first = embeddedPostgres({ stateDir: gone, port: 0, durable: false })
  await first.start()
  await first.stop()
  const where =
    /kept in (.*)\/postgres/.exec(readFileSync(join(gone, 'postgres-is-elsewhere.txt'), 'utf8'))?.[1] ?? ''
  const unmounted = join(where, '..', 'test-unmounted')
  mkdirSync(unmounted)
  writeFileSync(join(unmounted, 'belongs-to.txt'), '/mnt/not-there/.quintet\n')
  try {
    rmSync(gone, { recursive: true })
    expect(existsSync(where)).toBe(true)
    chmodSync(stateDir, 0o700)
    await make().start()
    expect(existsSync(where)).toBe(false)
    expect(existsSync(unmounted)).toBe(true)
  } finally {
    rmSync(unmounted, { recursive: true })
  }
})
