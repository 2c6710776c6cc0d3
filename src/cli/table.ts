/** Lines of cells as columns, two spaces apart; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows)
  return rows.map(row =>
    row
      .map((cell, index) => pad(cell, widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** A table with a header, as psql prints it. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf([header, ...rows])
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => ` ${pad(cell, widths[index] ?? 0)} `)
      .join('|')
      .trimEnd()
  return [line(header), widths.map(width => '-'.repeat(width + 2)).join('+'), ...rows.map(line)]
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = []
  for (const row of rows)
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, width(cell))
    })
  return widths
}

function pad(cell: string, to: number): string {
  return cell + ' '.repeat(Math.max(0, to - width(cell)))
}

const graphemes = new Intl.Segmenter()

/** Characters as a reader counts them. */
function width(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : [...graphemes.segment(text)].length
}
