/**
 * Types whose order can be told from PostgreSQL's text output, as the pool and the feed pin it (DESIGN §3, rule 10).
 * `text` is text whose collation orders by bytes.
 */
export type Ordered = 'bool' | 'int' | 'uuid' | 'text' | 'date' | 'timestamp' | 'timestamptz'

/**
 * How two texts of the type compare: negative, zero or positive; undefined if that can't be told (a digest in place
 * of long text, years before 1 or after 9999).
 */
export function compareTexts(a: string, b: string, as: Ordered): number | undefined {
  switch (as) {
    case 'int':
      return compareIntegers(a, b)
    case 'text':
      // `keyText` gives every text with a leading # as a digest.
      return a.startsWith('#') || b.startsWith('#') ? undefined : compareBytes(a, b)
    case 'bool':
    case 'uuid':
      return compareUnits(a, b)
    default: {
      const left = momentForm(a)
      const right = momentForm(b)
      return left === undefined || right === undefined ? undefined : compareUnits(left, right)
    }
  }
}

function compareIntegers(a: string, b: string): number | undefined {
  // Up to 15 digits a number is exact.
  if (a.length <= 15 && b.length <= 15) {
    const difference = Number(a) - Number(b)
    return Number.isNaN(difference) ? undefined : difference
  }
  if (!integer.test(a) || !integer.test(b)) return undefined
  const left = BigInt(a)
  const right = BigInt(b)
  return left < right ? -1 : left > right ? 1 : 0
}

const integer = /^-?\d+$/

function compareUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** By bytes of UTF-8, which is by code points; UTF-16 puts those above U+FFFF before U+E000. */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index)
    const right = b.charCodeAt(index)
    if (left !== right) return fromCodePointOrder(left) - fromCodePointOrder(right)
  }
  return a.length - b.length
}

/** Ranks UTF-16 units as the code points they stand for: surrogates last. */
function fromCodePointOrder(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** A text that sorts as the moment does: ISO dates do, as fractions have no trailing zeros. */
function momentForm(text: string): string | undefined {
  if (text === 'infinity') return '~'
  if (text === '-infinity') return '!'
  const found = moment.exec(text)
  return found ? found[1] : undefined
}

const moment = /^(\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d{1,6})?)?)(?:\+00)?$/
