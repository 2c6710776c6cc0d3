import { createHash } from 'node:crypto'

const palette = [
  ['#0b4f42', '#f2b84b', '#e9f2ea'],
  ['#243b6b', '#f08a5d', '#e8eefb'],
  ['#6a2c55', '#f4c95d', '#f7e9f1'],
  ['#7a3b12', '#6fc3b2', '#fbeee0'],
  ['#1f4e5f', '#e8d27a', '#e3f1f4'],
  ['#3d4a1f', '#f29f80', '#eff2df'],
  ['#512b7a', '#7fd1ae', '#efe8f8'],
  ['#8a1f3d', '#9fc4e8', '#fbe7ec'],
] as const

// Quarter turns of pipe in a 20 × 20 cell: which corner each bends round.
const bends = [
  'M0 10a10 10 0 0 0 10-10',
  'M10 0a10 10 0 0 0 10 10',
  'M20 10a10 10 0 0 0-10 10',
  'M10 20a10 10 0 0 0-10-10',
]
const straights = ['M0 10h20', 'M10 0v20']

/** A small SVG picture that is always the same for the same name: nine cells of pipe in one of eight colourings. */
export function avatar(name: string): string {
  const hash = createHash('sha256').update(name).digest()
  const byte = (index: number) => hash[index] as number
  const [ground, pipe, light] = palette[byte(0) % palette.length] as (typeof palette)[number]
  const cells = Array.from({ length: 9 }, (_, cell) => {
    const roll = byte(cell + 1)
    const paths = roll % 5 === 0 ? straights : roll % 2 ? [bends[0], bends[2]] : [bends[1], bends[3]]
    return `<path d="${paths.join('')}" transform="translate(${(cell % 3) * 20} ${Math.floor(cell / 3) * 20})"/>`
  })
  const dot = byte(10) % 9
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60"><rect width="60" height="60" fill="${ground}"/>` +
    `<g fill="none" stroke="${light}" stroke-width="5" stroke-linecap="square">${cells.join('')}</g>` +
    `<circle cx="${(dot % 3) * 20 + 10}" cy="${Math.floor(dot / 3) * 20 + 10}" r="7.5" fill="${pipe}"/></svg>`
  )
}
