import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { analysis } from './analysis.ts'
import { bulk } from './bulk.ts'
import { commits } from './commits.ts'
import { type Finding, table } from './finding.ts'
import { memory } from './memory.ts'
import { overPurge } from './overPurge.ts'
import { purge } from './purge.ts'

/** One after the other: each has the machine to itself. */
const benches: Readonly<Record<string, () => Promise<Finding[]>>> = {
  analysis,
  memory,
  purge,
  commits,
  bulk,
  overPurge,
}

const { values: chosen } = parseArgs({ options: { only: { type: 'string' } } })
const wanted = chosen.only?.split(',') ?? Object.keys(benches)
for (const name of wanted) {
  if (!benches[name])
    throw new Error(`No bench is called ${name}; there are ${Object.keys(benches).join(', ')}.`)
}
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
const findings: Finding[] = []
for (const name of wanted) findings.push(...((await benches[name]?.()) ?? []))
console.log(
  `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}, commit ${commit}\n`,
)
console.log(table(findings))
