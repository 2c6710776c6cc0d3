/** Something with a life: the embedded database, a pool, the feed, a listener. `stop` is safe to call twice. */
export interface Service {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts services in order. If one fails, those already started are stopped in reverse order before the
 * error is thrown, so that nothing half-started stays. Returns a function that stops all of them in reverse.
 */
export async function startAll(services: readonly Service[]): Promise<() => Promise<void>> {
  const started: Service[] = []
  const stopAll = async (): Promise<void> => {
    const failures: unknown[] = []
    while (started.length > 0) {
      const service = started.pop()
      try {
        await service?.stop()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length === 1) throw failures[0]
    if (failures.length > 1) throw new AggregateError(failures, 'Several services failed to stop.')
  }
  for (const service of services) {
    try {
      await service.start()
    } catch (error) {
      await service.stop().catch(() => {})
      await stopAll().catch(() => {})
      throw error
    }
    started.push(service)
  }
  return stopAll
}

/** Several services as one, started and stopped side by side; if one fails to start, all are stopped. */
export function together(name: string, services: readonly Service[]): Service {
  const stop = async (): Promise<void> => {
    await Promise.all(services.map(service => service.stop()))
  }
  return {
    name,
    async start() {
      const results = await Promise.allSettled(services.map(service => service.start()))
      const failed = results.find(result => result.status === 'rejected')
      if (!failed) return
      await stop()
      throw failed.reason
    },
    stop,
  }
}
