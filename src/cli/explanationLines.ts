import { conditionsOf, type Dependency, stepOf } from '../reads/index.ts'
import type { Explanation } from '../serve/index.ts'
import type { Terminal } from './terminal.ts'

/** What `quintet explain` prints: the verdict first, then what it rests on. */
export function explanationLines(explanation: Explanation, style: Terminal['style']): string[] {
  const { cached, variant, queries, lastPurge, feed } = explanation
  const head = (text: string): string => style('bold', text)
  const lines = [`${head(explanation.url)}  ${explanation.status}`, '']

  if (cached.stored) {
    const { hits, bytes, madeAt, justNow, endsAt } = cached.entry
    const age = justNow ? 'stored just now' : `stored ${since(madeAt)} ago, served ${hits} times since`
    lines.push(`${style('green', 'cached')}: ${age}, ${bytes.toLocaleString('en')} bytes`)
    if (endsAt !== null) lines.push(`  ends at ${new Date(endsAt).toISOString()}`)
  } else {
    lines.push(`${style('yellow', 'not cached')} (${cached.kind}): ${cached.why}`)
  }

  lines.push('', head('Differs by'))
  if (variant.length === 0) lines.push('  nothing: one entry for everybody')
  for (const { part, occurrences } of variant) lines.push(`  ${part}  ${shown(occurrences)}`)

  lines.push('', head('Reads'))
  if (queries.length === 0) lines.push('  no query')
  for (const { text, dependencies, notes } of queries) {
    lines.push(`  ${text.replace(/\s+/g, ' ').trim()}`)
    for (const dependency of dependencies) lines.push(`    ${dependencyLine(dependency)}`)
    for (const note of notes) lines.push(`    ${style('dim', note)}`)
  }

  lines.push('', head('Last purge'))
  if (lastPurge) {
    const { kind, table, xid, position, at } = lastPurge
    lines.push(
      `  ${kind}${table ? ` in ${table}` : ''}, ${since(at)} ago, by transaction ${xid} at ${position}`,
    )
  } else {
    lines.push('  none remembered')
  }
  lines.push(
    '',
    `feed ${feed.position ?? 'not joined'}, ${feed.fresh ? 'fresh' : 'not fresh: nothing is served from the cache'}`,
  )
  return lines
}

/** `public.articles where slug = 'a': title, slug [equality]`. */
function dependencyLine(dependency: Dependency): string {
  const conditions = conditionsOf(dependency)
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`
  const which = dependency.version === 'old' ? 'shown: ' : dependency.version === 'new' ? 'entering by ' : ''
  const columns = dependency.columns?.join(', ') ?? 'every column'
  return `${dependency.table}${where}: ${which}${columns} [${stepOf(dependency)}]`
}

function shown(occurrences: readonly string[] | null): string {
  return occurrences === null || occurrences.length === 0
    ? 'absent'
    : occurrences.map(each => JSON.stringify(each)).join(', ')
}

function since(at: number): string {
  const seconds = (Date.now() - at) / 1000
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`
}
