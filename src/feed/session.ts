import type { Clock } from '../core/index.ts'
import { formatPosition, type Position, parseLsn } from '../data/index.ts'
import { Assembler, ddlPrefix } from './assembler.ts'
import { Ancestry, CatalogWatch } from './catalogWatch.ts'
import type { Transaction } from './change.ts'
import { type Connections, openConnections, roleOf } from './connections.ts'
import { Emission } from './emission.ts'
import { dataOffset, readEnvelope, statusUpdate } from './envelope.ts'
import { Liveness } from './liveness.ts'
import type { RowLimits } from './pendingTransaction.ts'
import { checkNotSynchronous, checkPublication, explainLoss, explainRefusal } from './preflight.ts'
import * as signals from './signals.ts'
import { endWalsender, newEpoch, openSlot, startCommand } from './slot.ts'

export interface SessionOptions {
  readonly url: string
  readonly publication: string
  readonly applicationName: string
  readonly clock: Clock
  readonly rowLimits?: Partial<RowLimits>
  /** Between two looks at the catalog and two status updates, in milliseconds. */
  readonly tickMs: number
}

export interface SessionEvents {
  begin(position: Position): void
  transaction(transaction: Transaction): void
  advance(lsn: bigint): void
  /** Called once; the session is over and its connections are closing. */
  end(error: unknown): void
}

/** How long a barrier trusts the server to flush its log by itself. */
const flushPatienceMs = 10
const barrierPrefix = 'quintet.barrier'

/**
 * One slot's life, and so one epoch: two ordinary connections and one of replication, to the same primary. The loss
 * of any of them ends it. Moves: checked ({@link open}) → following ({@link follow}) → over.
 */
export class FeedSession {
  readonly epoch = newEpoch()
  readonly #options: SessionOptions
  readonly #events: SessionEvents
  readonly #connections: Connections
  readonly #catalogWatch: CatalogWatch
  readonly #assembler: Assembler
  readonly #emission: Emission
  readonly #liveness = new Liveness()
  #over = false
  #following = false
  /** How far the server has told its log. */
  #told = 0n
  #emitted = 0n
  #ticker: NodeJS.Timeout | undefined
  #ticking = false
  #flushing: Promise<unknown> | undefined

  /** Connects and checks the server. Throws DATA_UNREACHABLE or one of FEED_WAL_LEVEL, FEED_NO_PUBLICATION, … */
  static async open(options: SessionOptions, events: SessionEvents): Promise<FeedSession> {
    return new FeedSession(options, events, await openConnections(options))
  }

  private constructor(options: SessionOptions, events: SessionEvents, connections: Connections) {
    this.#options = options
    this.#events = events
    this.#connections = connections
    this.#catalogWatch = new CatalogWatch(connections.catalog)
    this.#assembler = new Assembler(options.rowLimits)
    const { ordinary, catalog, replication } = connections
    this.#emission = new Emission(ordinary, catalog, new Ancestry(catalog), {
      emit: (commit, changes, heldMs) => {
        const position = { epoch: this.epoch, lsn: commit.endLsn }
        this.#emitted = commit.endLsn
        events.transaction({ position, xid: commit.xid, committedAt: commit.committedAt, changes })
        const lagMs = this.#options.clock.now() - commit.committedAt
        signals.transaction.emit(() => ({
          position: formatPosition(position),
          changes: changes.length,
          lagMs,
          heldMs,
        }))
      },
      advance: lsn => {
        if (lsn <= this.#emitted) return
        this.#emitted = lsn
        events.advance(lsn)
      },
      beforeEverything: async () => {
        await this.#catalogWatch.accept()
        await checkPublication(catalog, this.#options.publication)
      },
      hold: on => {
        this.#liveness.hold(on)
        if (on) replication.pause()
        else replication.resume()
      },
      fail: error => this.#end(error),
    })
    for (const connection of [replication, ordinary, catalog])
      connection.onClose((error?: Error) => this.#end(explainLoss(error ?? new Error('it was closed'))))
  }

  /** Makes the slot and begins to tell; resolves when the first position is known. */
  async follow(): Promise<void> {
    const { replication, ordinary, catalog } = this.#connections
    try {
      await this.#catalogWatch.accept()
      const position = await openSlot(replication, ordinary, catalog, this.epoch)
      if (this.#over) return
      this.#told = this.#emitted = position.lsn
      this.#events.begin(position)
      signals.connected.emit(() => ({ epoch: this.epoch, position: formatPosition(position) }))
      this.#liveness.heard()
      await replication.start(startCommand(this.epoch, this.#options.publication), message =>
        this.#hear(message),
      )
      if (this.#over) return
      this.#following = true
      this.#ticker = setInterval(() => void this.#tick(), this.#options.tickMs)
      this.#status(true)
    } catch (error) {
      this.#end(explainRefusal(error, roleOf(this.#options.url)))
    }
  }

  /**
   * A log position at which everything that was visible when this was called has been told. It is the insert
   * position, not the flushed one: with `synchronous_commit = off` commits show before they are flushed, and the
   * log is told only once flushed. If the server does not flush by itself, a small message makes it.
   */
  async barrier(reached: (lsn: bigint) => boolean): Promise<bigint> {
    const { ordinary } = this.#connections
    const [row] = await ordinary.query('select pg_current_wal_insert_lsn() as lsn')
    const target = parseLsn(row?.lsn ?? '')
    if (reached(target)) return target
    this.#status(true)
    setTimeout(() => void this.#flush(target, reached), flushPatienceMs)
    return target
  }

  async close(): Promise<void> {
    this.#over = true
    clearInterval(this.#ticker)
    this.#emission.stop()
    const { replication, walsender, ordinary, catalog } = this.#connections
    if (!this.#following) await endWalsender(catalog, walsender)
    await Promise.all([replication.close(), ordinary.close(), catalog.close()])
  }

  #hear(message: Buffer): void {
    if (this.#over) return
    try {
      this.#liveness.heard()
      // Bulk changes come by the million.
      if (this.#assembler.ignores(message, dataOffset)) return
      const envelope = readEnvelope(message)
      if (envelope.tag === 'keepalive') {
        if (envelope.walEnd > this.#told) this.#told = envelope.walEnd
        this.#emission.position(envelope.walEnd)
        if (envelope.replyRequested) this.#status(false)
        return
      }
      const commit = this.#assembler.push(envelope.data)
      if (!commit) return
      if (commit.endLsn > this.#told) this.#told = commit.endLsn
      this.#emission.commit(commit)
    } catch (error) {
      this.#end(error)
    }
  }

  /**
   * Confirms what has been *received*, not what is emitted: were the feed ever counted as a synchronous standby,
   * a commit would wait for the confirmation and the emission for the commit.
   */
  #status(reply: boolean): void {
    if (this.#over || !this.#following) return
    const nowMs = this.#options.clock.now()
    this.#connections.replication.send(statusUpdate(this.#told, { reply, nowMs }))
  }

  async #flush(target: bigint, reached: (lsn: bigint) => boolean): Promise<void> {
    if (this.#over || reached(target)) return
    try {
      const [row] = await this.#connections.ordinary.query('select pg_current_wal_flush_lsn() as lsn')
      if (parseLsn(row?.lsn ?? '') >= target) return
      this.#flushing ??= this.#connections.ordinary
        .query(`select pg_logical_emit_message(true, '${barrierPrefix}', '')`)
        .finally(() => {
          this.#flushing = undefined
        })
      await this.#flushing
    } catch (error) {
      this.#end(error)
    }
  }

  async #tick(): Promise<void> {
    this.#status(true)
    signals.lag.emit(() => ({
      bytes: Number(this.#told - this.#emitted),
      queued: this.#emission.queued,
      streaming: this.#assembler.streaming,
    }))
    this.#liveness.ask(this.#connections.ordinary)
    this.#liveness.ask(this.#connections.catalog)
    const verdict = this.#liveness.verdict()
    if (verdict) {
      this.#end(explainLoss(new Error(verdict)))
      return
    }
    if (this.#ticking) return
    this.#ticking = true
    try {
      // Only now: until it has confirmed something, the server does not count it.
      const { catalog, walsender } = this.#connections
      await checkNotSynchronous(catalog, walsender)
      await this.#compareCatalog()
    } catch (error) {
      this.#end(error)
    } finally {
      this.#ticking = false
    }
  }

  /**
   * A difference goes through the log like announced DDL, so that it has its place among the commits. One that is
   * explained by DDL still on its way here is found explained once that has arrived.
   */
  async #compareCatalog(): Promise<void> {
    if (!(await this.#catalogWatch.differs())) return
    await this.#settled()
    if (this.#over || !(await this.#catalogWatch.differs())) return
    signals.catalogChanged.emit(() => ({}))
    const { ordinary, catalog } = this.#connections
    await ordinary.query(`select pg_logical_emit_message(true, '${ddlPrefix}', 'the catalog differs')`)
    await this.#settled()
    await checkPublication(catalog, this.#options.publication)
  }

  /** Resolves once everything visible now has been emitted, or the session is over. */
  async #settled(): Promise<void> {
    const target = await this.barrier(lsn => this.#emitted >= lsn)
    while (!this.#over && this.#emitted < target) await new Promise(resolve => setTimeout(resolve, 5))
  }

  #end(error: unknown): void {
    if (this.#over) return
    void this.close().catch(() => {})
    this.#events.end(error)
  }
}
