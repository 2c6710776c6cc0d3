import { channel } from 'node:diagnostics_channel'

/** A named event that a player emits and that costs nothing when nobody listens (node:diagnostics_channel). */
export interface Signal<Payload> {
  readonly name: string
  /** Emits the payload made by `make`, which runs only if somebody listens. */
  emit(make: () => Payload): void
  /** Listens; returns the function that stops listening. */
  subscribe(listener: (payload: Payload) => void): () => void
}

/** Declares a signal; `name` reads `room.event`, as in `cache.purged`. */
export function signal<Payload>(name: string): Signal<Payload> {
  const bus = channel(`quintet.${name}`)
  return {
    name,
    emit(make) {
      if (bus.hasSubscribers) bus.publish(make())
    },
    subscribe(listener) {
      const onMessage = (message: unknown): void => listener(message as Payload)
      bus.subscribe(onMessage)
      return () => void bus.unsubscribe(onMessage)
    },
  }
}
