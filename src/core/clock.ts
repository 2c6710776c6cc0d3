/** The time, injected wherever a decision depends on it, so that tests can hold it still. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds that only go forward; for measuring spans. */
  monotonic(): number
}

export const systemClock: Clock = {
  now: Date.now.bind(Date),
  monotonic: performance.now.bind(performance),
}
