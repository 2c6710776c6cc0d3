import type { Random } from './random.ts'
import { afterthoughts, commonSentences, remarks, type Theme } from './themes.ts'

const numbers = ['two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine']
const times = ['half past six', 'noon', 'four o’clock', 'nine', 'dusk', 'lunchtime', 'midnight']
const spans = ['ten minutes', 'an hour', 'an afternoon', 'a long weekend', 'most of a week', 'three evenings']

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Fills a template's slots from its theme. */
function fill(template: string, theme: Theme, random: Random): string {
  const filled = template.replace(/\{(\w+)\}/g, (_, slot: string) => {
    if (slot === 'thing') return random.pick(theme.things)
    if (slot === 'place') return random.pick(theme.places)
    if (slot === 'time') return random.pick(times)
    if (slot === 'span') return random.pick(spans)
    return slot === 'N' ? capital(random.pick(numbers)) : random.pick(numbers)
  })
  return filled.replace(/\b([Aa]) (?=[aeiou])/g, '$1n ')
}

/** Sentences in an order that comes round to a repeat only after all of them were used. */
function* sentencesOf(theme: Theme, random: Random): Generator<string, never> {
  const pool = [...theme.sentences, ...commonSentences]
  for (;;) for (const sentence of random.sample(pool, pool.length)) yield fill(sentence, theme, random)
}

const paragraph = (sentences: Iterator<string, never>, count: number) =>
  Array.from({ length: count }, () => sentences.next().value).join(' ')

/** A headline and a standfirst. */
export function headline(theme: Theme, random: Random): { title: string; description: string } {
  return {
    title: capital(fill(random.pick(theme.titles), theme, random)),
    description: random.pick(theme.descriptions),
  }
}

/** An article in Markdown, about `length` characters long. */
export function essay(theme: Theme, random: Random, length: number): string {
  const sentences = sentencesOf(theme, random)
  const headings = random.sample(theme.headings, theme.headings.length)
  const extras = random.sample(['list', 'quote', 'code', 'emphasis'], 4)
  const blocks = [paragraph(sentences, random.between(3, 5))]
  let size = (blocks[0] as string).length
  const add = (block: string) => {
    blocks.push(block)
    size += block.length + 2
  }
  while (size < length) {
    if (size < length - 450) add(`## ${headings.pop() ?? 'Afterword'}`)
    for (let left = random.between(1, 2); left > 0; left--) add(paragraph(sentences, random.between(2, 5)))
    const extra = extras.pop()
    if (extra === 'list') {
      const ordered = random.chance(0.4)
      const points = random.sample(theme.points, random.between(3, 5))
      add(
        points
          .map((point, index) => `${ordered ? `${index + 1}.` : '-'} ${fill(point, theme, random)}`)
          .join('\n'),
      )
    }
    if (extra === 'quote') add(`> ${random.pick(theme.quotes)}`)
    if (extra === 'emphasis') add(`*${random.pick(theme.descriptions)}* ${sentences.next().value}`)
    if (extra === 'code' && theme.code) {
      const { language, text } = random.pick(theme.code)
      add(`\`\`\`${language}\n${text}\n\`\`\``)
    }
  }
  return blocks.join('\n\n')
}

/** What a reader leaves under an article. */
export function remark(theme: Theme, random: Random): string {
  const parts = [random.pick(remarks)]
  if (random.chance(0.45)) parts.push(fill(random.pick(theme.sentences), theme, random))
  if (random.chance(0.3)) parts.push(random.pick(afterthoughts))
  return parts.join(' ')
}
