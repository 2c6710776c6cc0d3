import type { Clock } from '../core/index.ts'
import { Freshness, type Sent } from './freshness.ts'

interface Waiter {
  /** Answered by a ping with this id or a later one. */
  from: number
  readonly settle: (answered: boolean) => void
}

/**
 * Asks the feed again and again how far it is (rule 15), about four times per `freshness`. It keeps a few pings
 * under way at most: a feed that does not answer is not asked more, and answers late ones when it comes back.
 */
export class Pinger {
  readonly #freshness: Freshness
  readonly #everyMs: number
  readonly #send: (id: number) => void
  readonly #underWay = new Map<number, Sent>()
  readonly #waiters = new Set<Waiter>()
  #lastId = 0
  #open = false
  #timer: NodeJS.Timeout | undefined

  /** `send` sends a ping, whose answer is then given to {@link answer}. */
  constructor(options: { freshnessMs: number; clock: Clock }, send: (id: number) => void) {
    this.#freshness = new Freshness(options.freshnessMs, options.clock)
    this.#everyMs = Math.max(1, options.freshnessMs / 4)
    this.#send = send
  }

  fresh(): boolean {
    return this.#freshness.fresh()
  }

  /** The way to the feed is open, and the position known: begins to ask. */
  open(): void {
    if (this.#open) return
    this.#open = true
    this.#timer = setInterval(() => {
      if (this.#underWay.size < mostUnderWay) this.#ping()
    }, this.#everyMs)
    const id = this.#ping()
    for (const waiter of this.#waiters) waiter.from = id
  }

  /** The way is closed: answers to what is under way won't come. What was answered keeps its date. */
  close(): void {
    this.#open = false
    clearInterval(this.#timer)
    this.#underWay.clear()
  }

  /** What was cached is gone, and so is its freshness. */
  lose(): void {
    this.#freshness.lose()
  }

  answer(id: number, ok: boolean): void {
    const sent = this.#underWay.get(id)
    if (!sent) return
    this.#underWay.delete(id)
    if (!ok) return
    this.#freshness.answered(sent)
    for (const waiter of [...this.#waiters]) if (waiter.from <= id) waiter.settle(true)
    // The last of the answers that a paused feed owed: it is back, so ask again at once.
    if (this.#open && this.#underWay.size === 0 && !this.#freshness.fresh()) this.#ping()
  }

  /** Resolves to true once a ping sent from now on has been answered, to false after `timeoutMs`. */
  barrier(timeoutMs: number): Promise<boolean> {
    return new Promise(resolve => {
      const timer = setTimeout(() => waiter.settle(false), timeoutMs)
      const waiter: Waiter = {
        from: Number.POSITIVE_INFINITY,
        settle: answered => {
          clearTimeout(timer)
          this.#waiters.delete(waiter)
          resolve(answered)
        },
      }
      this.#waiters.add(waiter)
      if (this.#open) waiter.from = this.#ping()
    })
  }

  stop(): void {
    this.close()
    this.lose()
    for (const waiter of [...this.#waiters]) waiter.settle(false)
  }

  #ping(): number {
    const id = ++this.#lastId
    this.#underWay.set(id, this.#freshness.sent())
    this.#send(id)
    return id
  }
}

const mostUnderWay = 8
