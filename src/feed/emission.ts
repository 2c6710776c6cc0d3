import { setTimeout as delay } from 'node:timers/promises'
import type { DedicatedConnection } from '../data/index.ts'
import type { CommittedTransaction } from './assembler.ts'
import type { Ancestry } from './catalogWatch.ts'
import type { Change } from './change.ts'
import * as signals from './signals.ts'
import { openWriters } from './slot.ts'
import { parseSnapshot, type Snapshot, sees } from './snapshot.ts'

/** What waits in line: a commit, or the news that the log has no commit up to here. */
type Item =
  | { readonly kind: 'commit'; readonly commit: CommittedTransaction; readonly toldAt: number }
  | { readonly kind: 'position'; lsn: bigint }

export interface EmissionHooks {
  /** Takes a commit that new snapshots see, with the changes of partitions told for their ancestors too. */
  emit(commit: CommittedTransaction, changes: readonly Change[], heldMs: number): void
  /** The log has no commit that is not emitted up to here. */
  advance(lsn: bigint): void
  /** Runs before a commit that changes everything is emitted. */
  beforeEverything(): Promise<void>
  /** The line grew long, or short again: holds the server back meanwhile. */
  hold(on: boolean): void
  fail(error: unknown): void
}

/** A commit in doubt is asked for again at once this often (about a millisecond in all), then with pauses. */
const immediateTries = 4
const longestPauseMs = 5
const reportAfterMs = 1_000
/** Changes in line from which the server is held back, and down to which. */
const fullAt = 200_000
const lowAt = 20_000

/**
 * The line between the log's word and everyone else. The log speaks of a commit before new snapshots show it (for
 * milliseconds as a rule, for as long as a standby is late with synchronous replication). So each commit waits, in
 * commit order, until a snapshot taken *after* its arrival sees its transaction; one snapshot serves all that wait.
 */
export class Emission {
  readonly #ordinary: DedicatedConnection
  readonly #reports: DedicatedConnection
  readonly #ancestry: Ancestry
  readonly #hooks: EmissionHooks
  #line: Item[] = []
  #changes = 0
  #held = false
  #running = false
  #stopped = false

  constructor(
    ordinary: DedicatedConnection,
    reports: DedicatedConnection,
    ancestry: Ancestry,
    hooks: EmissionHooks,
  ) {
    this.#ordinary = ordinary
    this.#reports = reports
    this.#ancestry = ancestry
    this.#hooks = hooks
  }

  /** Commits that wait. */
  get queued(): number {
    return this.#line.reduce((count, item) => count + (item.kind === 'commit' ? 1 : 0), 0)
  }

  commit(commit: CommittedTransaction): void {
    this.#line.push({ kind: 'commit', commit, toldAt: performance.now() })
    this.#changes += commit.changes.length + 1
    this.#holdBack()
    void this.#run()
  }

  position(lsn: bigint): void {
    if (this.#line.length === 0 && !this.#running) {
      this.#hooks.advance(lsn)
      return
    }
    const last = this.#line.at(-1)
    if (last?.kind === 'position') last.lsn = lsn
    else this.#line.push({ kind: 'position', lsn })
    void this.#run()
  }

  stop(): void {
    this.#stopped = true
    this.#line = []
  }

  async #run(): Promise<void> {
    if (this.#running || this.#stopped) return
    this.#running = true
    try {
      let tries = 0
      let reported = performance.now()
      while (this.#line.length > 0 && !this.#stopped) {
        if (await this.#emitVisible()) {
          tries = 0
          reported = performance.now()
          continue
        }
        if (performance.now() - reported >= reportAfterMs) {
          reported = performance.now()
          await this.#report()
        }
        if (++tries > immediateTries) await delay(Math.min(tries - immediateTries, longestPauseMs))
      }
    } catch (error) {
      if (!this.#stopped) this.#hooks.fail(error)
    } finally {
      this.#running = false
    }
  }

  /** Emits the visible front of the line; false if its first commit is not visible yet. */
  async #emitVisible(): Promise<boolean> {
    let snapshot: Snapshot | undefined
    if (this.#line.some(item => item.kind === 'commit')) {
      // Whatever arrives from here on was told after this snapshot was asked for; it may still be in it.
      const [row] = await this.#ordinary.query('select pg_current_snapshot() as snapshot')
      snapshot = parseSnapshot(row?.snapshot ?? '')
    }
    const ready: Item[] = []
    for (const item of this.#line) {
      if (item.kind === 'commit' && !(snapshot && sees(snapshot, item.commit.xid))) break
      ready.push(item)
    }
    for (const item of ready) {
      if (item.kind === 'commit') await this.#prepare(item.commit)
      if (this.#stopped) return true
      if (item.kind === 'position') this.#hooks.advance(item.lsn)
      else {
        this.#changes -= item.commit.changes.length + 1
        if (item.commit.changes.length === 0) this.#hooks.advance(item.commit.endLsn)
        else this.#hooks.emit(item.commit, this.#withAncestors(item.commit), performance.now() - item.toldAt)
      }
    }
    this.#line.splice(0, ready.length)
    this.#holdBack()
    return ready.length > 0
  }

  /** Nothing is awaited here for the common commit: only DDL and relations seen for the first time. */
  async #prepare(commit: CommittedTransaction): Promise<void> {
    if (commit.changes.some(change => change.kind === 'everything')) {
      this.#ancestry.forget()
      await this.#hooks.beforeEverything()
    }
    if (commit.described.size > 0) this.#ancestry.forget(commit.described)
    if (!this.#ancestry.knows(commit.tables.values())) await this.#ancestry.load(commit.tables.values())
  }

  #withAncestors(commit: CommittedTransaction): readonly Change[] {
    let changes: Change[] | undefined
    for (const change of commit.changes) {
      if (change.kind === 'everything') continue
      for (const table of this.#ancestry.of(commit.tables.get(change.table))) {
        changes ??= [...commit.changes]
        changes.push({ ...change, table })
      }
    }
    return changes ?? commit.changes
  }

  #holdBack(): void {
    const held = this.#held ? this.#changes > lowAt : this.#changes > fullAt
    if (held === this.#held) return
    this.#held = held
    this.#hooks.hold(held)
  }

  async #report(): Promise<void> {
    const first = this.#line[0]
    if (first?.kind !== 'commit') return
    const holders = await openWriters(this.#reports).catch(() => [])
    signals.waiting.emit(() => ({ for: 'visibility', waitedMs: performance.now() - first.toldAt, holders }))
  }
}
