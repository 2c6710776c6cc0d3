/** The feed in a process of its own, as in production: `node feedProcess.ts URL SOCKET`. Ends with its parent. */
import { startAll } from '../../src/core/index.ts'
import { createFeedServer, createFeedSource } from '../../src/feed/index.ts'

const [url = '', socketPath = ''] = process.argv.slice(2)
const source = createFeedSource({ url })
const stop = await startAll([source, createFeedServer(source, socketPath)])
process.on('message', message => {
  if (message === 'memory') process.send?.({ peakBytes: process.resourceUsage().maxRSS * 1024 })
})
process.once('disconnect', () => void stop().then(() => process.exit()))
process.send?.('ready')
