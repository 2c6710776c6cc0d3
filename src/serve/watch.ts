import type { WatchEvent } from '../edge/index.ts'
import type { Settings } from '../settings/index.ts'
import { hearControl } from './control.ts'
import { controlSockets } from './controlSockets.ts'

/**
 * Hears of every commit with what it purged, from the running edge, until `signal` aborts. Throws SERVE_NOT_RUNNING,
 * SERVE_STREAM_ENDED.
 */
export function watch(
  settings: Settings,
  hear: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  return hearControl(controlSockets(settings).edge, '/watch', value => hear(value as WatchEvent), signal)
}
