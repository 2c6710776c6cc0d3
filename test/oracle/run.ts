import { parseArgs } from 'node:util'
import { matches } from '../../src/cache/index.ts'
import setup from '../../src/testing/vitestPostgres.ts'
import { emptyTally } from './audit.ts'
import { report, search } from './search.ts'
import { World } from './world.ts'

/**
 * The long run of the oracle: `npm run oracle -- --minutes 30`, with `--seed N` to repeat one. Every minute it says
 * what it has seen; it ends with 1 at the first miss, shrunk.
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string' } },
})
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
const tearDown = await setup()
const worlds = [await World.open(), await World.open(2)]
const tally = emptyTally()
const say = (): void => console.log(JSON.stringify({ seed, ...tally }))
const progress = setInterval(say, 60_000)
try {
  const millis = Number(values.minutes) * 60_000
  const misses = await Promise.all(
    worlds.map((world, index) => search(world, matches, tally, { seed: seed + index, millis, shrink: true })),
  )
  for (const [index, miss] of misses.entries()) {
    if (miss) console.error(report(miss, seed + index))
  }
  if (misses.some(miss => miss)) process.exitCode = 1
} finally {
  clearInterval(progress)
  say()
  for (const world of worlds) await world.close()
  await tearDown?.()
}
