import { createHash } from 'node:crypto'
import { type Clock, systemClock } from '../../core/index.ts'
import { HttpError } from '../outcome.ts'

/** Bounds how often passwords may be guessed. */
export interface Throttle {
  /**
   * Takes one attempt for the account and one for the address; call the function it returns when the password was
   * right, to give both back. Throws HttpError 429 with `Retry-After` when either has none left.
   */
  attempt(account: string, address: string): () => void
}

/** Attempts that may fail at once, and the milliseconds after which one more may. */
interface Allowance {
  readonly attempts: number
  readonly everyMs: number
}

/** Many people may share an address; an account has one owner, who may mistype. */
const ofAccount: Allowance = { attempts: 10, everyMs: 60_000 }
const ofAddress: Allowance = { attempts: 50, everyMs: 6_000 }
const mostKeys = 10_000

/**
 * In memory, so each worker counts for itself, and a restart forgets. Of each kind the 10 000 keys used last are
 * kept. An account that is guessed at from elsewhere makes its owner wait as well; whoever is signed in stays so.
 */
export function createThrottle(clock: Clock = systemClock): Throttle {
  const accounts = createBuckets(ofAccount, clock)
  const addresses = createBuckets(ofAddress, clock)
  return {
    attempt(account, address) {
      // Hashed, because an input may be long.
      const who = createHash('sha256').update(account.trim().toLowerCase()).digest('base64')
      const from = networkOf(address)
      const waitMs = Math.max(accounts.waitMs(who), addresses.waitMs(from))
      if (waitMs > 0) throw tooMany(Math.ceil(waitMs / 1000))
      accounts.take(who)
      addresses.take(from)
      return () => {
        accounts.giveBack(who)
        addresses.giveBack(from)
      }
    },
  }
}

function tooMany(seconds: number): HttpError {
  return new HttpError(429, {
    errors: { '': [`too many attempts, try again in ${seconds} seconds`] },
    headers: { 'retry-after': String(seconds) },
  })
}

/** Buckets that fill by one attempt each `everyMs`; a key's number is when its bucket will be full again. */
function createBuckets({ attempts, everyMs }: Allowance, clock: Clock) {
  const fullAt = new Map<string, number>()
  const now = (): number => clock.monotonic()
  return {
    waitMs: (key: string): number => (fullAt.get(key) ?? 0) - now() - (attempts - 1) * everyMs,
    take(key: string): void {
      const next = Math.max(fullAt.get(key) ?? 0, now()) + everyMs
      // Put last, so that the first is the one used longest ago.
      fullAt.delete(key)
      fullAt.set(key, next)
      if (fullAt.size > mostKeys) fullAt.delete(fullAt.keys().next().value as string)
    },
    giveBack(key: string): void {
      const at = fullAt.get(key)
      if (at === undefined) return
      if (at - everyMs <= now()) fullAt.delete(key)
      else fullAt.set(key, at - everyMs)
    },
  }
}

/** An IPv6 address stands for its /64, which one client has for itself. */
function networkOf(address: string): string {
  if (!address.includes(':')) return address
  const [left = '', right] = address.toLowerCase().split('::')
  const groups = left === '' ? [] : left.split(':')
  const after = right === undefined || right === '' ? [] : right.split(':')
  const zeros = right === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  return [...groups, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':')
}
