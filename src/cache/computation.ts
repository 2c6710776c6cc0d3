import { AsyncLocalStorage } from 'node:async_hooks'
import { type ClosedRecord, Recorder, runRecorded } from '../reads/index.ts'

/** What makes a value that requests share. */
export interface Computation<Value> {
  readonly kind: 'query' | 'function'
  /** For `quintet explain` and errors. */
  readonly name: string
  /** Makes the value, which nobody may be able to alter afterwards; its reads go to the recorder, which is current. */
  compute(recorder: Recorder): Promise<Value>
  bytes(value: Value): number
}

/** What became of a computation, and what it read on the way, in success and failure. */
export type Computed<Value> = (
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: unknown }
) & {
  readonly record: ClosedRecord
}

/** The computation that this code runs in. */
interface Within {
  readonly kind: Computation<unknown>['kind']
  readonly name: string
  readonly owner: unknown
  /** Its key, and those of the computations that it runs in. */
  readonly keys: readonly string[]
}

const storage = new AsyncLocalStorage<Within>()

/**
 * A computation belongs to whoever uses its value, not to the request that happened to be first: neither that
 * request's transaction nor anything else of its async context reaches it.
 */
const outside = AsyncLocalStorage.snapshot()

/** The name of the cached function that is being computed in this async context; what it looks at others will be shown. */
export function computing(): string | undefined {
  const within = storage.getStore()
  return within?.kind === 'function' ? within.name : undefined
}

/** What {@link runComputation} was given as owner. */
export function computationOwner(): unknown {
  return storage.getStore()?.owner
}

/** The name of the computation that this code runs in, if one of the key is among those around it. */
export function innermostWithin(key: string): string | undefined {
  const within = storage.getStore()
  return within?.keys.includes(key) ? within.name : undefined
}

/** Runs a computation with a recorder of its own. Never rejects. */
export async function runComputation<Value>(
  key: string,
  computation: Computation<Value>,
  options: { explain: boolean; owner?: unknown; admit?: (recorder: Recorder) => void },
): Promise<Computed<Value>> {
  const recorder = new Recorder({ explain: options.explain })
  options.admit?.(recorder)
  const { kind, name } = computation
  const { owner } = options
  const keys = [...(storage.getStore()?.keys ?? []), key]
  try {
    const value = await outside(() =>
      storage.run({ kind, name, owner, keys }, () =>
        runRecorded(recorder, () => computation.compute(recorder)),
      ),
    )
    return { ok: true, value, record: recorder.close() }
  } catch (error) {
    return { ok: false, error, record: recorder.close() }
  }
}

/** Whoever uses a value has read what the value read. */
export function passOn(
  record: ClosedRecord,
  user: Recorder,
  note: () => { text: string; why: string },
): void {
  for (const dependency of record.dependencies) user.depend(dependency)
  for (const veto of record.vetoes) user.veto(veto)
  if (record.wrote) user.wrote()
  if (record.endsAt !== null) user.endsAt(record.endsAt)
  if (!user.explains) return
  const { text, why } = note()
  if (record.queries?.length) for (const query of record.queries) user.note(query)
  else user.note({ text, dependencies: record.dependencies, notes: [why] })
}
