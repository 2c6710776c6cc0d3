/** One line of the table: what was measured, what was promised of it, what was seen. */
export interface Finding {
  readonly measure: string
  /** Empty where nothing is promised. */
  readonly target: string
  readonly seen: string
  /** Whether what was seen keeps the promise; undefined where there is none. */
  readonly kept?: boolean
}

/** The findings as one table, widths by the longest cell. */
export function table(findings: readonly Finding[]): string {
  const rows = [
    ['measure', 'target', 'seen', ''],
    ...findings.map(({ measure, target, seen, kept }) => [
      measure,
      target,
      seen,
      kept === undefined ? '' : kept ? 'kept' : 'MISSED',
    ]),
  ]
  const widths = [0, 1, 2, 3].map(column => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
