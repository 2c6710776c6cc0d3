/** Dates and times whose order and equality can be told from their text. */
export type MomentFamily = 'date' | 'timestamp' | 'timestamptz'

export function isMoment(family: string): family is MomentFamily {
  return family === 'date' || family === 'timestamp' || family === 'timestamptz'
}

const isoDate = /^(\d{4})-(\d\d)-(\d\d)$/
const isoMoment = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d(?::?\d\d)?)?$/

/**
 * PostgreSQL's text for a moment given in ISO 8601, under ISO dates and UTC; undefined for any other form, and for
 * what only looks like a date. A `Date` is exact for `timestamptz`; for the others PostgreSQL takes its local time.
 */
export function canonicalMoment(value: unknown, family: MomentFamily): string | undefined {
  if (value instanceof Date) {
    return family === 'timestamptz' && !Number.isNaN(value.getTime())
      ? canonicalMoment(value.toISOString(), family)
      : undefined
  }
  if (typeof value !== 'string') return undefined
  if (family === 'date') {
    const day = isoDate.exec(value)
    return day && utc(day) !== undefined ? value : undefined
  }
  const parts = isoMoment.exec(isoDate.test(value) ? `${value} 00:00:00` : value)
  const local = parts ? utc(parts) : undefined
  if (!parts || local === undefined) return undefined
  const fraction = (parts[7] ?? '').replace(/0+$/, '')
  // A timestamp ignores the zone it is given; only the one that can't be meant otherwise is taken.
  const zone = parts[8]
  const offset = zone === undefined || zone === 'Z' ? 0 : offsetOf(zone)
  if (offset === undefined || (family === 'timestamp' && offset !== 0)) return undefined
  const moment = new Date(local - offset).toISOString()
  if (!/^(?!0000)\d{4}-/.test(moment)) return undefined
  const text = moment.slice(0, 19).replace('T', ' ') + (fraction ? `.${fraction}` : '')
  return family === 'timestamptz' ? `${text}+00` : text
}

/** Milliseconds of the date (and time) as if in UTC; undefined if there is no such date. */
function utc(parts: RegExpExecArray): number | undefined {
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(index => Number(parts[index] ?? 0))
  if (year === undefined || month === undefined || day === undefined) return undefined
  if (year < 100 || (hour ?? 0) > 23 || (minute ?? 0) > 59 || (second ?? 0) > 59) return undefined
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  const found = new Date(time)
  return found.getUTCMonth() === month - 1 && found.getUTCDate() === day ? time : undefined
}

function offsetOf(zone: string): number | undefined {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)]
  if (hours > 14 || minutes > 59) return undefined
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
