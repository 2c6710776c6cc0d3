import type { DedicatedConnection } from '../data/index.ts'

/**
 * Notices connections that are dead without having closed: a walsender that says nothing although it is asked every
 * second, and ordinary connections whose questions stay unanswered.
 */
export class Liveness {
  readonly #now: () => number
  readonly #silenceMs: number
  readonly #asked = new Map<DedicatedConnection, number>()
  #heardAt: number
  #held = false

  /** `silenceMs`: default 10,000. */
  constructor(silenceMs = 10_000, now: () => number = () => performance.now()) {
    this.#silenceMs = silenceMs
    this.#now = now
    this.#heardAt = now()
  }

  /** The walsender said something. */
  heard(): void {
    this.#heardAt = this.#now()
  }

  /** While the server is held back nothing is read, so silence means nothing. */
  hold(on: boolean): void {
    this.#held = on
    this.heard()
  }

  /** Asks a connection for a sign of life, unless it still owes one. */
  ask(connection: DedicatedConnection): void {
    if (this.#asked.has(connection)) return
    this.#asked.set(connection, this.#now())
    // A failure closes the connection, which is noticed elsewhere.
    connection.query('select').then(
      () => this.#asked.delete(connection),
      () => {},
    )
  }

  /** Why the session must be given up; undefined while all is well. */
  verdict(): string | undefined {
    const now = this.#now()
    if (!this.#held && now - this.#heardAt > this.#silenceMs) return 'the walsender fell silent'
    for (const askedAt of this.#asked.values())
      if (now - askedAt > this.#silenceMs) return 'the server no longer answers queries'
    return undefined
  }
}
