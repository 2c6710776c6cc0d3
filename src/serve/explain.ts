import type { Explanation } from '../edge/index.ts'
import type { Settings } from '../settings/index.ts'
import { edgeAddresses } from '../settings/index.ts'
import { askControl } from './control.ts'
import { controlSockets } from './controlSockets.ts'

/**
 * Why a page is or is not cached, what it depends on, what last purged it; asks the running edge, which makes the page
 * once more. A path is taken on the edge's HTTP address. Throws SERVE_NOT_RUNNING, SERVE_CONTROL_FAILED.
 */
export async function explain(
  settings: Settings,
  url: string,
  options: { cookie?: string } = {},
): Promise<Explanation> {
  const { href } = new URL(url, edgeAddresses(settings)[1])
  const query = new URLSearchParams({ url: href, ...options })
  return (await askControl(controlSockets(settings).edge, `/explain?${query}`)) as Explanation
}
