import type { WatchEvent } from '../serve/index.ts'
import type { Terminal } from './terminal.ts'

const mostShown = 3

/** What `quintet watch` prints for one event: when, which transaction, what changed, what it purged. */
export function watchLine(event: WatchEvent, style: Terminal['style']): string {
  const time = style('dim', new Date(event.at).toISOString().slice(11, 23))
  if (event.type === 'dropped') {
    return `${time}  ${style('red', 'everything')}  ${event.purged} pages dropped: ${event.reason}`
  }
  const what = event.changes
    .map(({ kind, what: table, rows }) => {
      if (kind === 'everything') return `everything (${table})`
      if (kind === 'table') return `all of ${table}`
      return `${kind} ${table}${rows === 1 ? '' : ` × ${rows}`}`
    })
    .join(', ')
  return `${time}  ${event.xid}  ${what}  ${purgedWords(event, style)}`
}

function purgedWords(
  { purged, pages }: Extract<WatchEvent, { type: 'commit' }>,
  style: Terminal['style'],
): string {
  if (purged === 0) return style('dim', 'purged nothing')
  const shown = pages.slice(0, mostShown)
  const more = purged - shown.length
  return `${style('yellow', `purged ${purged}`)}: ${shown.join(' ')}${more > 0 ? ` and ${more} more` : ''}`
}
