import type { Clock } from '../core/index.ts'

/** When a ping left, by both clocks. */
export interface Sent {
  readonly now: number
  readonly monotonic: number
}

/**
 * Dates freshness from this process's own pings (rule 15). A ping is answered only after everything that the
 * primary had flushed *after receiving it* has been seen here; so at the answer this process knows everything
 * up to the moment the ping was sent, however long the answer, or anything before it, waited in a buffer.
 */
export class Freshness {
  readonly #freshnessMs: number
  readonly #clock: Clock
  #answered: Sent | undefined

  constructor(freshnessMs: number, clock: Clock) {
    this.#freshnessMs = freshnessMs
    this.#clock = clock
  }

  /** The moment to remember with a ping that is about to be sent. */
  sent(): Sent {
    return { now: this.#clock.now(), monotonic: this.#clock.monotonic() }
  }

  /** The ping that was sent then has been answered. */
  answered(sent: Sent): void {
    if (!this.#answered || sent.monotonic >= this.#answered.monotonic) this.#answered = sent
  }

  /** The feed was lost: nothing answered so far counts. */
  lose(): void {
    this.#answered = undefined
  }

  /**
   * The wall clock jumps when it is set; the monotonic one stands still while the machine sleeps. Where they
   * disagree nobody knows how old the last answer is.
   */
  fresh(): boolean {
    if (!this.#answered) return false
    const monotonicAge = this.#clock.monotonic() - this.#answered.monotonic
    const wallAge = this.#clock.now() - this.#answered.now
    if (Math.abs(wallAge - monotonicAge) > this.#freshnessMs) return false
    return monotonicAge >= 0 && monotonicAge <= this.#freshnessMs
  }

  /** Milliseconds since the last answered ping left; Infinity if there is none. */
  ageMs(): number {
    return this.#answered ? this.#clock.monotonic() - this.#answered.monotonic : Number.POSITIVE_INFINITY
  }
}
