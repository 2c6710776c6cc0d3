import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../core/index.ts'
import type { ObjectCacheEngine } from './engine.ts'
import { seal, unseal } from './sealed.ts'

/** A value with what it is bound to. */
export interface Envelope {
  readonly value: unknown
  /** Wall-clock milliseconds; null: it has no end of its own. */
  readonly endsAt: number | null
  readonly bytes?: Buffer
}

/** The tokens that a value is bound to: its namespace's and its tags'. */
export type Stamp = readonly (readonly [key: string, token: string])[]

/** As it is kept: [value, endsAt, stamp]. */
type Written = readonly [unknown, number | null, Stamp]

/**
 * Values as an engine keeps them, for one namespace. Each is bound to tokens that stand under keys of their own, one
 * for the namespace and one for each tag: a new token there deletes at once everything that bears the old one, however
 * much it is. An absent token (evicted, expired) matches nothing, so that what can't be told is a miss.
 *
 * A removal that failed leaves the namespace in doubt: nothing is found in it by this process until it has a new token.
 */
export interface Envelopes {
  key(key: string): string
  read(keys: readonly string[]): Promise<(Envelope | undefined)[]>
  stamp(tags: readonly string[]): Promise<Stamp>
  write(value: unknown, owner: string, endsAt: number | null, stamp: Stamp): Buffer
  open(bytes: Buffer): Envelope
  /** Gives tags new tokens; without tags, the namespace. */
  renew(tags?: readonly string[]): Promise<void>
  remove(removal: () => Promise<void>): Promise<void>
}

/** What the v8 serialisation begins with; a counter begins with a digit or a minus. */
const sealedByte = 0xff

export function createEnvelopes(engine: ObjectCacheEngine, namespace: string, clock: Clock): Envelopes {
  const namespaceKey = engineKey('n', namespace, '')
  const tagKey = (tag: string): string => engineKey('t', namespace, tag)
  let isInDoubt = false

  async function settleDoubt(): Promise<boolean> {
    if (!isInDoubt) return true
    try {
      await renew([namespaceKey])
      isInDoubt = false
    } catch {
      // The engine still can't be reached; until then everything is absent.
    }
    return !isInDoubt
  }

  async function renew(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map(key => engine.set(key, Buffer.from(newToken()))))
  }

  /** A number can't be bound to a token, and has no known end. */
  function open(bytes: Buffer): Envelope & { stamp: Stamp } {
    if (bytes[0] !== sealedByte) return { value: Number(bytes.toString('latin1')), endsAt: null, stamp: [] }
    const [value, endsAt, stamp] = unseal(bytes) as Written
    return { value, endsAt, stamp }
  }

  return {
    key: key => engineKey('v', namespace, key),
    open,
    async read(keys) {
      if (!(await settleDoubt())) return keys.map(() => undefined)
      const [token, ...all] = await engine.get([
        namespaceKey,
        ...keys.map(key => engineKey('v', namespace, key)),
      ])
      const opened = all.map(bytes => (bytes === undefined ? undefined : open(bytes)))
      const wanted = new Set(opened.flatMap(one => one?.stamp.slice(1).map(([key]) => key) ?? []))
      const tokens = new Map<string, string | undefined>([[namespaceKey, token?.toString('latin1')]])
      if (wanted.size > 0) {
        const names = [...wanted]
        const values = await engine.get(names)
        for (const [index, key] of names.entries()) tokens.set(key, values[index]?.toString('latin1'))
      }
      return opened.map(one => {
        if (one === undefined || (one.endsAt !== null && one.endsAt <= clock.now())) return undefined
        return one.stamp.every(([key, bound]) => tokens.get(key) === bound) ? one : undefined
      })
    },
    async stamp(tags) {
      const keys = [namespaceKey, ...new Set(tags.map(tagKey))]
      const found = await engine.get(keys)
      return Promise.all(
        keys.map(
          async (key, index) => [key, found[index]?.toString('latin1') ?? (await begin(key))] as const,
        ),
      )
    },
    write: (value, owner, endsAt, stamp) => seal(value, owner, one => [one, endsAt, stamp] satisfies Written),
    renew: tags => renew(tags ? tags.map(tagKey) : [namespaceKey]),
    async remove(removal) {
      try {
        await removal()
      } catch (error) {
        isInDoubt = true
        throw error
      }
    },
  }

  /** A token where there is none; if another process is faster, its. */
  async function begin(key: string): Promise<string> {
    const token = newToken()
    if (await engine.set(key, Buffer.from(token), { onlyIfAbsent: true })) return token
    const [other] = await engine.get([key])
    return other?.toString('latin1') ?? begin(key)
  }
}

function newToken(): string {
  return randomBytes(9).toString('base64url')
}

/** A key that every engine takes: short, visible ASCII. */
function engineKey(kind: 'v' | 't' | 'n', namespace: string, key: string): string {
  const whole = `${kind}${namespace.length}:${namespace}:${key}`
  if (whole.length <= 180 && /^[\x21-\x7e]*$/.test(whole)) return whole
  return `${kind}#${createHash('sha256').update(whole).digest('base64url')}`
}
