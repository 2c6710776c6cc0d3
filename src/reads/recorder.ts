import type { Dependency } from './dependency.ts'
import { DependencySet } from './dependencySet.ts'
import type { QueryNote, ReadRecord, RequestPart } from './record.ts'

const mostVetoes = 16
const mostNotes = 200

/** What a closed recorder hands over; the worker adds its build, position and the LSN of its writes. */
export interface ClosedRecord extends Omit<ReadRecord, 'build' | 'position' | 'wrote'> {
  /** True if anything ran that is not proven read-only. */
  readonly wrote: boolean
  /** How often dependencies were collapsed to a whole table to stay within the bound. */
  readonly collapsed: number
}

export interface RecorderOptions {
  /** Keep a note for each query, for `quintet explain`. Default false. */
  explain?: boolean
  /** Distinct dependencies kept before tables are collapsed. Default 512. */
  maxDependencies?: number
}

/** Every recorder of this process that has not been closed. */
const openRecorders = new Set<Recorder>()

/** True while any response is being made. */
export function hasOpenRecorders(): boolean {
  return openRecorders.size > 0
}

/**
 * A read that no recorder owns may hand its value to any response being made now (through a variable, a
 * memoised promise): all of them are vetoed (DESIGN §3, rule 5).
 */
export function vetoOpenRecorders(reason: string): void {
  for (const recorder of openRecorders) recorder.veto(reason)
}

/**
 * Collects everything one response reads. It opens before any hook or parser runs and closes at the body's end
 * (DESIGN §3, rule 6); whatever arrives after `close` is ignored.
 *
 * A read that failed, was cancelled or is still pending at `close` vetoes the response, even if the app caught
 * the error (rule 4): what such a read would have said is not known.
 */
export class Recorder {
  readonly #explain: boolean
  readonly #dependencies: DependencySet
  readonly #parts = new Set<RequestPart>()
  readonly #vetoes = new Set<string>()
  readonly #notes: QueryNote[] = []
  #moreVetoes = 0
  #wrote = false
  #endsAt: number | null = null
  #mayBeOld = false
  #pending = 0
  #closed: ClosedRecord | undefined

  constructor(options: RecorderOptions = {}) {
    this.#explain = options.explain ?? false
    this.#dependencies = new DependencySet(options.maxDependencies)
    openRecorders.add(this)
  }

  /** The response looked at this part of the request. */
  part(part: RequestPart): void {
    if (!this.#closed) this.#parts.add(part)
  }

  /** The response depends on these rows. */
  depend(...dependencies: readonly Dependency[]): void {
    if (this.#closed) return
    for (const dependency of dependencies) this.#dependencies.add(dependency)
  }

  /** The response may not be stored; the first 16 distinct reasons are kept. */
  veto(reason: string): void {
    if (this.#closed || this.#vetoes.has(reason)) return
    if (this.#vetoes.size < mostVetoes) this.#vetoes.add(reason)
    else this.#moreVetoes++
  }

  /** Something ran that is not proven read-only: the client must see its own write, and the response is not stored. */
  wrote(): void {
    if (this.#closed) return
    this.#wrote = true
    this.veto('the request wrote to the database, or may have')
  }

  /** The response is no longer valid after this wall-clock time (milliseconds since the Unix epoch); the earliest counts. */
  endsAt(time: number): void {
    if (this.#closed) return
    this.#endsAt = this.#endsAt === null ? time : Math.min(this.#endsAt, time)
  }

  /** The response may be shown while it is some time old, which its end bounds: SQL may read the clock from now on. */
  allowAge(): void {
    this.#mayBeOld = true
  }

  get mayBeOld(): boolean {
    return this.#mayBeOld
  }

  /** A read has begun. Call the returned function once when it ends, with a failure in words if it did not succeed. */
  begin(): (failure?: string) => void {
    if (this.#closed) return () => {}
    this.#pending++
    let settled = false
    return failure => {
      if (settled) return
      settled = true
      this.#pending--
      if (failure !== undefined) this.veto(`a read failed: ${failure}`)
    }
  }

  /** True if {@link note} keeps anything, so that callers can spare the work. */
  get explains(): boolean {
    return this.#explain && !this.#closed
  }

  note(note: QueryNote): void {
    if (this.explains && this.#notes.length < mostNotes) this.#notes.push(note)
  }

  get open(): boolean {
    return this.#closed === undefined
  }

  /** True once something not proven read-only ran. */
  get hasWritten(): boolean {
    return this.#wrote
  }

  /** True if the response can no longer be stored. */
  get vetoed(): boolean {
    return this.#vetoes.size > 0
  }

  /** Ends the record; calling it again returns the same. */
  close(): ClosedRecord {
    if (this.#closed) return this.#closed
    if (this.#pending > 0) this.veto(`${this.#pending} read(s) were still pending when the response ended`)
    const vetoes = [...this.#vetoes]
    if (this.#moreVetoes > 0) vetoes.push(`and ${this.#moreVetoes} more`)
    openRecorders.delete(this)
    this.#closed = {
      parts: [...this.#parts].sort(),
      dependencies: this.#dependencies.toArray(),
      vetoes,
      wrote: this.#wrote,
      endsAt: this.#endsAt,
      collapsed: this.#dependencies.collapsed,
      ...(this.#explain ? { queries: this.#notes } : {}),
    }
    return this.#closed
  }
}
