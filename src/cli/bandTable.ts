import { relative } from 'node:path'
import { edgeAddresses, type Settings, type TopologyRow, topology } from '../settings/index.ts'
import { columns } from './table.ts'
import type { Terminal } from './terminal.ts'

/** What `quintet up` says once everything runs: the addresses first, then what runs where, outermost first. */
export function bandTable(
  settings: Settings,
  ports: { readonly http: number; readonly https: number },
  tookMs: number,
  style: Terminal['style'],
): string[] {
  const { http, https } = ports
  const listening = { ...settings.edge, http: { ...settings.edge.http, port: http }, https: { port: https } }
  const band = { ...settings, edge: listening }
  const rows = topology(band).map(row => [row.role, row.engine, processes(row), place(row, settings)])
  return [
    '',
    ...edgeAddresses(band).map(address => `  ${style('bold', style('cyan', address))}`),
    '',
    ...columns(rows).map(line => `  ${line}`),
    '',
    style(
      'dim',
      `  ${settings.environment}, up in ${(tookMs / 1000).toFixed(1)} s. Ctrl-C stops everything.`,
    ),
    '',
  ]
}

function processes({ processes, where }: TopologyRow): string {
  if (processes === 0) return where.length === 0 || where[0]?.startsWith('in ') ? '' : 'elsewhere'
  return processes === 1 ? '1 process' : `${processes} processes`
}

/** Sockets as a person would write them: from the app's folder, several as one. */
function place({ where }: TopologyRow, { root }: Settings): string {
  const [first = '', last = ''] = [where[0], where.at(-1)].map(one =>
    one?.startsWith(root) ? relative(root, one) : one,
  )
  if (where.length < 2 || /^https?:/.test(first)) return where.length < 2 ? first : where.join(' ')
  return `${first} … ${last.slice(last.lastIndexOf('/') + 1)}`
}
