import type { FromChild, ToChild } from './child.ts'

/** A role's life inside its own process: what to do when asked to stop. */
export interface RunningRole {
  /** Stops taking work, finishes what is in flight, closes. */
  drain(): Promise<void>
}

const longestDrainMs = 15_000

/**
 * Ties a running role to its process: tells the supervisor that it is ready, drains on the supervisor's word, on
 * SIGTERM, or (run by hand) on Ctrl-C, and drains too when the supervisor is gone, so that no orphan stays behind.
 * Resolves once drained.
 */
export function serveUntilTold(role: RunningRole): Promise<void> {
  return new Promise((resolve, reject) => {
    let draining = false
    const drain = (): void => {
      if (draining) return
      draining = true
      // Without a supervisor to end it, what never finishes would leave an orphan.
      setTimeout(() => process.exit(1), longestDrainMs).unref()
      role
        .drain()
        // The channel to the supervisor would keep the process alive.
        .finally(() => process.connected && process.disconnect())
        .then(resolve, reject)
    }
    process.on('SIGTERM', drain)
    // A terminal sends Ctrl-C to the whole process group; under a supervisor the order to stop is its to give.
    process.on('SIGINT', () => {
      if (!process.connected) drain()
    })
    process.on('message', message => {
      if ((message as ToChild).type === 'drain') drain()
    })
    process.on('disconnect', drain)
    process.send?.({ type: 'ready' } satisfies FromChild)
  })
}
