import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { QueryEvent, QueryListener, SessionState } from '../data/index.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { type Analyzer, createAnalyzer } from './analyzer.ts'
import { type Catalog, loadCatalog } from './catalog.ts'
import { runRecorded, untracked } from './context.ts'
import { Recorder } from './recorder.ts'
import { recordQueries } from './recordQueries.ts'

const session: SessionState = { searchPath: 'public', role: 'app', database: 'app', altered: false }

/** Stands in for the data room: whoever listens is told of each query and of its end. */
class Queries {
  #listener: QueryListener | undefined
  #transaction = {}
  listen(listener: QueryListener): () => void {
    this.#listener = listener
    return () => {
      this.#listener = undefined
    }
  }
  run(text: string, values: unknown[] = [], event: Partial<QueryEvent> = {}, error?: Error): void {
    if (!event.inTransaction) this.#transaction = {}
    const ended = this.#listener?.({
      text,
      values,
      inTransaction: false,
      transaction: this.#transaction,
      target: 'primary',
      session,
      ...event,
    })
    ended?.(error ? { ok: false, error } : { ok: true, command: 'SELECT', rowCount: 0, fields: [] })
  }
}

let database: TestDatabase
let catalog: Catalog
let analyzer: Analyzer
let stop: () => void
const queries = new Queries()

beforeAll(async () => {
  database = await testDatabase(`
    create table users (id int primary key, name text, born timestamptz);
    alter table users replica identity full;
    create publication quintet for table users;
  `)
  catalog = await loadCatalog((text, values) => database.query(text, values), 'quintet')
  analyzer = await createAnalyzer({ catalog })
  stop = recordQueries(queries, analyzer)
})

afterAll(async () => {
  stop()
  await database.close()
})

function recording(run: () => void, explain = false) {
  const recorder = new Recorder({ explain })
  runRecorded(recorder, run)
  return recorder.close()
}

describe('recordQueries', () => {
  it.each([
    ['select name from users where id = 1 and born < now()', { id: ['1'] }],
    ['select name, current_date, random() from users where id = $1', { id: ['1'] }],
    ['select name from users where born = current_timestamp(3)', {}],
  ])('%s may be read by a response that may be some time old', (text, equals) => {
    const read = (old: boolean) => {
      const recorder = new Recorder()
      if (old) recorder.allowAge()
      runRecorded(recorder, () => queries.run(text, [1]))
      return recorder.close()
    }
    expect(read(false).vetoes).toHaveLength(1)
    expect(read(true)).toMatchObject({ vetoes: [], dependencies: [{ table: 'public.users', equals }] })
  })

  it.each([
    'select current_user, now() from users',
    'select pg_backend_pid(), now()',
    "select name from users where born < 'today'",
    'select name, now() from users for update',
    'select nextval(name), now() from users',
  ])('%s may not, however old', text => {
    const recorder = new Recorder()
    recorder.allowAge()
    runRecorded(recorder, () => queries.run(text))
    expect(recorder.close().vetoes).not.toEqual([])
  })

  it('records the dependencies of each query', () => {
    const record = recording(() => {
      queries.run('begin')
      queries.run('select name from users where id = $1', [1], { inTransaction: true })
      queries.run('select name from users where id = $1', [2], { inTransaction: true })
      queries.run('commit', [], { inTransaction: true })
    })
    expect(record).toMatchObject({ vetoes: [], wrote: false })
    expect(record.dependencies).toEqual([
      { table: 'public.users', equals: { id: ['1', '2'] }, columns: ['id', 'name'] },
    ])
  })

  it.each([
    ['a write', () => queries.run('update users set name = $1', ['x']), /wrote/],
    [
      'a failed query, even if it was caught',
      () => queries.run('select id from users', [], {}, new Error('gone')),
      /gone/,
    ],
    ['a read that is not understood', () => queries.run('select now()'), /now\(\)/],
    ['SET', () => queries.run("set time zone 'UTC'"), /SET/],
    [
      'an altered session',
      () => queries.run('select id from users', [], { session: { ...session, altered: true } }),
      /altered/,
    ],
    ['a replica', () => queries.run('select id from users', [], { target: 'replica' }), /replica/],
    [
      'a parameter that means the clock',
      () => queries.run('select id from users where born > $1', ['today']),
      /\$1/,
    ],
  ])('%s vetoes', (_, run, reason) => {
    expect(recording(run).vetoes.join('; ')).toMatch(reason)
  })

  it('takes the word today for text where it is compared with text', () => {
    expect(recording(() => queries.run('select id from users where name = $1', ['today'])).vetoes).toEqual([])
  })

  it('says that it wrote for a function it does not know', () => {
    expect(recording(() => queries.run('select charge_card(1)')).wrote).toBe(true)
    expect(recording(() => queries.run('select now()')).wrote).toBe(false)
  })

  it('vetoes a read in a transaction that wrote', () => {
    const { vetoes } = recording(() => {
      queries.run('insert into users values (9)', [], { inTransaction: true })
      queries.run('select id from users', [], { inTransaction: true })
    })
    expect(vetoes.join('; ')).toMatch(/transaction that wrote/)
  })

  it('vetoes a read in a transaction that it did not begin', () => {
    queries.run('begin')
    const late = recording(() => queries.run('select id from users', [], { inTransaction: true }))
    expect(late.vetoes.join('; ')).toMatch(/did not begin/)
  })

  it('vetoes a read in a foreign, older transaction, also by a recorder that began one of its own', () => {
    const foreign = {}
    queries.run('begin', [], { transaction: foreign })
    const inside = { inTransaction: true, transaction: foreign }
    const { vetoes } = recording(() => {
      queries.run('begin')
      queries.run('select id from users', [], { inTransaction: true })
      queries.run('commit', [], { inTransaction: true })
      queries.run('select id from users where id = 1', [], inside)
    })
    expect(vetoes).toEqual([expect.stringMatching(/did not begin: select id from users where id = 1/)])
  })

  it('vetoes a read in its own transaction once somebody else wrote in it', () => {
    const own = { inTransaction: true }
    const run = (write: () => void) =>
      recording(() => {
        queries.run('begin')
        queries.run('select id from users', [], own)
        write()
        queries.run('select id from users', [], own)
      }).vetoes.join()
    expect(run(() => untracked(() => queries.run('select id from users', [], own)))).toBe('')
    expect(run(() => untracked(() => queries.run('delete from users', [], own)))).toMatch(/wrote/)
    expect(run(() => recording(() => queries.run('delete from users', [], own)))).toMatch(/wrote/)
  })

  it('vetoes every open record for a query without an owner, but not for the framework’s own', () => {
    const [first, second] = [new Recorder(), new Recorder()]
    untracked(() => queries.run('select id from users'))
    queries.run('begin')
    expect(first.vetoed).toBe(false)
    queries.run('select id from users')
    expect(first.close().vetoes.join()).toMatch(/outside any request/)
    expect(second.close().vetoes.join()).toMatch(/outside any request/)
  })

  it('explains what it recorded when asked', () => {
    const { queries: notes } = recording(() => {
      queries.run('select id from users')
      queries.run('select id from users where id = $1', ['x'])
      queries.run('select random()')
    }, true)
    expect(notes?.map(({ text, dependencies }) => [text, dependencies.length])).toEqual([
      ['select id from users', 1],
      ['select id from users where id = $1', 1],
      ['select random()', 0],
    ])
    expect(notes?.[0]?.notes.join()).toMatch(/public\.users/)
    expect(notes?.[1]?.notes.join()).toMatch(/public\.users\.id/)
    expect(notes?.[2]?.notes.join()).toMatch(/random\(\)/)
  })
})

describe('a catalog that may have changed', () => {
  it('is not trusted until it has been read again', async () => {
    const read = () => recording(() => queries.run('select extra from users where id = 1'))
    expect(read().vetoes.join()).toMatch(/extra can't be resolved/)
    await database.query('alter table users add column extra text')
    const loaded = catalog.invalidate()
    expect(recording(() => queries.run('select name from users where id = 1')).vetoes.join()).toMatch(
      /read anew/,
    )
    await loaded
    expect(read()).toMatchObject({
      vetoes: [],
      dependencies: [{ equals: { id: ['1'] }, columns: ['extra', 'id'] }],
    })
  })

  it('waits for the load that began after the last change', async () => {
    const first = catalog.invalidate()
    const second = catalog.invalidate()
    await first
    await second
    expect(catalog.state).not.toBeNull()
  })

  it('says what is wrong when it can not be read', async () => {
    const failing = () => Promise.reject(new Error('permission denied'))
    await expect(loadCatalog(failing, 'quintet')).rejects.toThrow(
      /READS_CATALOG_UNREADABLE.*permission denied/,
    )
  })
})
