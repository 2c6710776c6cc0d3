import type { Recorder } from '../reads/index.ts'
import { argumentsKey } from './argumentsKey.ts'
import { seal, unseal } from './sealed.ts'
import type { SharedValues } from './sharedValues.ts'

/** A function whose results requests share, told apart by its name and its arguments. */
export interface CachedCall<Value> {
  readonly name: string
  readonly args: readonly unknown[]
  /** Runs the function; what it reads goes to the recorder. */
  run(recorder: Recorder): Promise<Value>
}

/**
 * The function's value, kept or computed. Everybody gets a copy of it, the one who computes it included, so that a
 * value looks the same to all. Errors go to whoever waits for them, and are not kept. Throws CACHE_ARGUMENT_UNUSABLE,
 * CACHE_VALUE_UNSTORABLE, CACHE_COMPUTATION_CIRCLE, or what the function throws.
 */
export async function useCached<Value>(values: SharedValues, call: CachedCall<Value>): Promise<Value> {
  const owner = `cached("${call.name}")`
  const key = argumentsKey(call.args, owner)
  const bytes = await values.use(`f${call.name}(${key})`, {
    kind: 'function',
    name: `${call.name}(${key.length > 100 ? `${key.slice(0, 99)}…` : key})`,
    compute: async recorder => seal(await call.run(recorder), owner),
    bytes: sealed => sealed.length,
  })
  return unseal(bytes) as Value
}
