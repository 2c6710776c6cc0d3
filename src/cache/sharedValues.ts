import { LRUCache } from 'lru-cache'
import { type Clock, systemClock } from '../core/index.ts'
import { covers, formatPosition, type Position } from '../data/index.ts'
import type { FeedView, Transaction } from '../feed/index.ts'
import {
  type ClosedRecord,
  currentRecorder,
  isUntracked,
  type Recorder,
  vetoOpenRecorders,
} from '../reads/index.ts'
import {
  type Computation,
  type Computed,
  computationOwner,
  innermostWithin,
  passOn,
  runComputation,
} from './computation.ts'
import { createDependencyIndex } from './dependencyIndex.ts'
import { errors } from './errors.ts'
import { matches } from './match.ts'
import { sharedPurged, sharedRefused, sharedUsed } from './signals.ts'
import { createStanding, type Standing } from './standing.ts'

export interface SharedValuesOptions {
  /** Without a feed everybody computes for themselves. */
  readonly feed: FeedView | undefined
  /** Most bytes of values with their keys and dependencies; 0 keeps nothing. */
  readonly maxBytes: number
  readonly clock?: Clock
}

/** `made`: computed, for this user and whoever joined; `alone`: computed, because the user may not share. */
export type Outcome = 'hit' | 'joined' | 'made' | 'alone'

export interface SharedValuesStats {
  entries: number
  bytes: number
  hits: number
  joined: number
  made: number
  alone: number
  refused: number
  purged: number
  evicted: number
}

/**
 * Values that requests share within this process: results of queries and of cached functions, each with what it
 * read. It holds what the page store holds: no value depends on a change in a transaction emitted after the value's
 * position. So a value found here is as new as this process's position, which no request that uses it is ahead of:
 * its record keeps the position that it began at, and what the value read becomes the request's own reads.
 *
 * Who may share, and with whom:
 * - nobody whose feed is not fresh, who has written, or whose client has seen more than this process
 * - a computation in flight is joined only by requests that began at or before its position; what it returns they
 *   could have read themselves
 * - a value that failed, wrote, was vetoed or has changed meanwhile goes to those who waited, and is not kept
 */
export interface SharedValues {
  /** Says as of when the owner of a recorder reads. Without, its values are computed for it alone. */
  admit(recorder: Recorder, since: Since): void
  /** False if the current recorder's owner can't have a value that another request made. May change with each write. */
  mayShare(): boolean
  /** Whether the current recorder's owner is about to act on what it reads. */
  acts(): boolean
  /** The value under the key, kept or computed; what it read goes to the current recorder. Rethrows what the computation threw. */
  use<Value>(key: string, computation: Computation<Value>): Promise<Value>
  /** True if a value is kept under the key. */
  has(key: string): boolean
  stats(): SharedValuesStats
  /** Stops listening to the feed, and keeps nothing any more. */
  close(): void
}

/** Whom a recorder is for. */
export interface Since {
  /** This process's when the request began; null without a feed. */
  readonly position: Position | null
  /** How fresh its client must be served. */
  readonly client?: Position | undefined
  /** It may write: its reads are shared only where the app says so. Default false. */
  readonly acts?: boolean
}

interface Kept {
  readonly key: string
  readonly value: unknown
  readonly record: ClosedRecord
  readonly position: Position
  readonly bytes: number
}

interface Flight {
  readonly name: string
  readonly position: Position
  /** The flights that this one's computation waits for now. */
  readonly waitsFor: Set<Flight>
  landed: Promise<Computed<unknown>>
}

export function createSharedValues(options: SharedValuesOptions): SharedValues {
  const { feed, maxBytes } = options
  const clock = options.clock ?? systemClock
  const standings = new WeakMap<Recorder, Standing>()
  const acting = new WeakSet<Recorder>()
  const flights = new Map<string, Flight>()
  const index = createDependencyIndex<Kept>()
  const counters = { hits: 0, joined: 0, made: 0, alone: 0, refused: 0, purged: 0, evicted: 0 }
  const kept = new LRUCache<string, Kept>({
    maxSize: Math.max(1, maxBytes),
    sizeCalculation: one => one.bytes,
    dispose: (one, _, why) => {
      index.remove(one)
      if (why === 'evict') counters.evicted++
    },
  })

  function purge(transaction: Transaction): void {
    for (const change of transaction.changes) {
      for (const one of index.affected(change)) {
        if (covers(one.position, transaction.position)) continue
        kept.delete(one.key)
        counters.purged++
        sharedPurged.emit(() => ({ key: one.key, position: formatPosition(transaction.position) }))
      }
    }
  }

  const unsubscribe = feed ? [feed.onTransaction(purge), feed.onReset(() => kept.clear())] : []

  function find(key: string): Kept | undefined {
    const one = kept.get(key)
    if (one === undefined) return undefined
    if (one.record.endsAt === null || one.record.endsAt > clock.now()) return one
    kept.delete(key)
    return undefined
  }

  /** Why the value isn't kept, or undefined. Runs to its end without waiting, as a purge does. */
  function refusal(
    key: string,
    position: Position,
    done: Computed<unknown>,
    bytes: number,
  ): string | undefined {
    const { record } = done
    if (!done.ok) return 'it failed'
    if (record.wrote) return 'it wrote to the database'
    if (record.vetoes.length > 0) return record.vetoes[0]
    if (record.parts.length > 0) return `it looked at the request's ${record.parts[0]}`
    if (record.endsAt !== null && record.endsAt <= clock.now()) return 'it has ended already'
    if (bytes > maxBytes / 4) return `its ${bytes} bytes are over a quarter of ${maxBytes}`
    if (feed?.position?.epoch !== position.epoch) return 'the feed was lost'
    const later = feed.since(position)
    if (later === null) return 'the commits since it was begun are no longer remembered'
    for (const { changes } of later) {
      for (const change of changes) {
        if (change.kind === 'everything' || record.dependencies.some(one => matches(one, change)))
          return 'something that it read changed while it was made'
      }
    }
    const other = kept.peek(key)
    return other && covers(other.position, position) ? 'a newer one is kept' : undefined
  }

  function keep<Value>(
    key: string,
    computation: Computation<Value>,
    position: Position,
    done: Computed<Value>,
  ): void {
    const bytes = done.ok ? computation.bytes(done.value) + overhead(key, done.record) : 0
    const reason = refusal(key, position, done, bytes)
    if (reason !== undefined || !done.ok) {
      counters.refused++
      sharedRefused.emit(() => ({ key, name: computation.name, reason: reason ?? '' }))
      return
    }
    const one: Kept = { key, value: done.value, record: done.record, position, bytes }
    kept.set(key, one)
    if (kept.peek(key) === one) index.add(one, one.record.dependencies)
  }

  function fly<Value>(
    key: string,
    computation: Computation<Value>,
    position: Position,
    explain: boolean,
  ): Flight {
    const flight: Flight = {
      name: computation.name,
      position,
      waitsFor: new Set(),
      landed: undefined as never,
    }
    const fresh: Standing = { mayShare: () => feed?.fresh() === true && isSame(position), atLeast: position }
    flight.landed = runComputation(key, computation, {
      explain,
      owner: flight,
      admit: recorder => standings.set(recorder, fresh),
    }).then(done => {
      if (flights.get(key) === flight) flights.delete(key)
      keep(key, computation, position, done)
      return done
    })
    flights.set(key, flight)
    return flight
  }

  const isSame = ({ epoch }: Position): boolean => feed?.position?.epoch === epoch

  async function landing(flight: Flight): Promise<Computed<unknown>> {
    const waiting = computationOwner() as Flight | undefined
    waiting?.waitsFor.add(flight)
    try {
      return await flight.landed
    } finally {
      waiting?.waitsFor.delete(flight)
    }
  }

  async function obtain<Value>(
    key: string,
    computation: Computation<Value>,
    user: Recorder | undefined,
  ): Promise<{ done: Computed<Value>; outcome: Outcome }> {
    const within = innermostWithin(key)
    if (within !== undefined) throw errors.CACHE_COMPUTATION_CIRCLE({ name: computation.name, within })
    const explain = user?.explains ?? false
    const standing = user && !user.hasWritten ? standings.get(user) : undefined
    const shares = standing?.mayShare() ?? false
    // Without waiting where nothing must be waited for, so that a hit costs no turn of the loop.
    if (maxBytes === 0 || !standing || !(typeof shares === 'boolean' ? shares : await shares)) {
      return { done: await runComputation(key, computation, { explain }), outcome: 'alone' }
    }
    const one = find(key)
    if (one) return { done: { ok: true, value: one.value as Value, record: one.record }, outcome: 'hit' }
    const inFlight = flights.get(key)
    if (inFlight && standing.atLeast && covers(inFlight.position, standing.atLeast)) {
      const own = computationOwner() as Flight | undefined
      if (own && isWaitingFor(inFlight, own))
        throw errors.CACHE_COMPUTATION_CIRCLE({ name: inFlight.name, within: own.name })
      return { done: (await landing(inFlight)) as Computed<Value>, outcome: 'joined' }
    }
    // Taken before anything is read: what is committed later than this is purged, or refused.
    const position = feed?.position as Position
    const done = await landing(fly(key, computation, position, explain))
    return { done: done as Computed<Value>, outcome: 'made' }
  }

  return {
    admit(recorder, { position, client, acts = false }) {
      if (acts) acting.add(recorder)
      if (feed) standings.set(recorder, createStanding(feed, position, client))
    },
    mayShare() {
      const user = currentRecorder()
      return user !== undefined && !user.hasWritten && standings.has(user) && feed?.fresh() === true
    },
    acts() {
      const user = currentRecorder()
      return user !== undefined && acting.has(user)
    },
    async use(key, computation) {
      const user = currentRecorder()
      // The value may find its way, by a variable, into any response that is being made (DESIGN §3, rule 5).
      if (!user && !isUntracked())
        vetoOpenRecorders(`${computation.name} was used outside any request meanwhile`)
      // Until it has what the value read, its record must not be taken for complete.
      const settle = user?.begin()
      try {
        const { done, outcome } = await obtain(key, computation, user)
        counters[outcome === 'hit' ? 'hits' : outcome]++
        sharedUsed.emit(() => ({ kind: computation.kind, name: computation.name, outcome }))
        if (user) passOn(done.record, user, () => ({ text: computation.name, why: told[outcome] }))
        if (!done.ok) throw done.error
        return done.value
      } finally {
        settle?.()
      }
    },
    has: key => kept.has(key),
    stats: () => ({ entries: kept.size, bytes: kept.calculatedSize, ...counters }),
    close() {
      for (const stop of unsubscribe) stop()
      kept.clear()
    },
  }
}

const told: Record<Outcome, string> = {
  hit: 'kept in the worker by an earlier request',
  joined: 'computed together with another request',
  made: 'computed for this request, and kept',
  alone: 'computed for this request alone',
}

/** True if `flight` is, or waits for, `other`: waiting for it from within `other` would never end. */
function isWaitingFor(flight: Flight, other: Flight): boolean {
  if (flight === other) return true
  for (const next of flight.waitsFor) if (isWaitingFor(next, other)) return true
  return false
}

function overhead(key: string, record: ClosedRecord): number {
  let bytes = 512 + 2 * key.length
  for (const { table, equals, columns } of record.dependencies) {
    bytes += 128 + table.length
    for (const name in equals)
      for (const value of equals[name] ?? []) bytes += 32 + name.length + value.length
    for (const column of columns ?? []) bytes += column.length
  }
  return bytes
}
