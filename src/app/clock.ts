import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import { systemClock } from '../core/index.ts'
import { isAppCode } from './caller.ts'
import { currentRendering, noteVolatile } from './rendering.ts'

const readClock = 'read the clock'
const readChance = 'read a random value'

let uninstall: (() => void) | undefined

/**
 * Makes the clock and chance reads (DESIGN §3, rule 11): replaces `Date`, `performance.now`, `process.hrtime`, the
 * date formatters' "now", `Math.random` and the random functions of `crypto` by versions that note the read while the
 * app's code runs for a request. What the framework and its drivers read on the way (a pool's time-out, a log line's
 * time) is told apart by the calling file. Only app workers install it, once, best before the app's code is loaded (a
 * module may keep `const { now } = Date`); returns the function that undoes it.
 */
export function installRecordedClock(): () => void {
  if (uninstall) return uninstall
  const undo: (() => void)[] = []
  const replace = <Owner extends object, Key extends keyof Owner>(
    owner: Owner,
    key: Key,
    make: (original: Owner[Key]) => Owner[Key],
  ): void => {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key)
    if (!descriptor) return
    const value = make(owner[key])
    Object.defineProperty(owner, key, {
      configurable: true,
      enumerable: descriptor.enumerable ?? false,
      writable: true,
      value,
    })
    undo.push(() => Object.defineProperty(owner, key, descriptor))
  }
  const noting =
    (what: string) =>
    <Fn>(original: Fn): Fn =>
      new Proxy(original as object, {
        apply(target, self, args) {
          note(what)
          return Reflect.apply(target as (...args: unknown[]) => unknown, self, args)
        },
      }) as Fn

  replace(globalThis, 'Date', recordedDate)
  const constructorOfDates = Object.getOwnPropertyDescriptor(Date.prototype, 'constructor')
  Object.defineProperty(Date.prototype, 'constructor', { ...constructorOfDates, value: Date })
  undo.push(() => Object.defineProperty(Date.prototype, 'constructor', constructorOfDates ?? {}))
  undo.push(recordFormatters())

  replace(Object.getPrototypeOf(performance) as Performance, 'now', noting(readClock))
  replace(process.hrtime, 'bigint', noting(readClock))
  replace(process, 'hrtime', noting(readClock))
  replace(process, 'uptime', noting(readClock))
  replace(Math, 'random', noting(readChance))
  for (const name of ['randomUUID', 'randomBytes', 'randomInt', 'randomFill', 'randomFillSync'] as const) {
    replace(crypto, name, noting(readChance))
  }
  const webCrypto = Object.getPrototypeOf(globalThis.crypto) as Crypto
  // node:crypto's own getRandomValues goes through this one.
  replace(webCrypto, 'getRandomValues', noting(readChance))
  replace(webCrypto, 'randomUUID', noting(readChance))
  syncBuiltinESMExports()

  uninstall = () => {
    for (const step of undo.reverse()) step()
    syncBuiltinESMExports()
    uninstall = undefined
  }
  return uninstall
}

/** The order matters for speed: outside of a render nothing but a context look-up happens. */
function note(what: string): void {
  if (currentRendering() && isAppCode()) noteVolatile(what, systemClock.now)
}

function recordedDate(RealDate: DateConstructor): DateConstructor {
  const now = (): number => {
    note(readClock)
    return systemClock.now()
  }
  const recorded: DateConstructor = new Proxy(RealDate, {
    construct(target, args, newTarget) {
      if (args.length === 0) note(readClock)
      return Reflect.construct(target, args, newTarget === recorded ? target : newTarget)
    },
    apply(target) {
      note(readClock)
      return target()
    },
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  })
  return recorded
}

/** `new Intl.DateTimeFormat().format()` without a date formats the present. */
function recordFormatters(): () => void {
  const prototype = Intl.DateTimeFormat.prototype
  const format = Object.getOwnPropertyDescriptor(prototype, 'format')
  const formatToParts = prototype.formatToParts
  Object.defineProperty(prototype, 'format', {
    configurable: true,
    get(this: Intl.DateTimeFormat) {
      const real = format?.get?.call(this) as (date?: Date | number) => string
      return (date?: Date | number) => {
        if (date === undefined) note(readClock)
        return real(date)
      }
    },
  })
  prototype.formatToParts = function (date) {
    if (date === undefined) note(readClock)
    return formatToParts.call(this, date)
  }
  return () => {
    if (format) Object.defineProperty(prototype, 'format', format)
    prototype.formatToParts = formatToParts
  }
}
