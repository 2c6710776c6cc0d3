import type { Dependency, ReadRecord } from '../reads/index.ts'

/** The edge reads up to 1 MB; a record this long means that precision costs more than it saves. */
const mostBytes = 64 * 1024
/** Records made for `explain` carry the text of each query; there are few of them. */
const mostBytesExplained = 512 * 1024

/**
 * The record as an ASCII-safe header value. One that grows past the budget keeps its correctness and loses precision:
 * the dependencies are collapsed to whole tables (and the notes for `explain` are shortened), never left out.
 */
export function recordHeader(record: ReadRecord): string {
  const whole = asciiJson(record)
  if (whole.length <= (record.queries ? mostBytesExplained : mostBytes)) return whole
  const queries = record.queries?.slice(0, 20).map(({ text, notes }) => ({
    text: text.length > 200 ? `${text.slice(0, 200)}…` : text,
    dependencies: [],
    notes: [...notes, 'shortened: the record was too long for a header'],
  }))
  const shortened = { ...record, ...(queries ? { queries } : {}) }
  const withoutNotes = asciiJson(shortened)
  if (withoutNotes.length <= mostBytes) return withoutNotes
  const collapsed = { ...shortened, queries: undefined, dependencies: wholeTables(record.dependencies) }
  const short = asciiJson(collapsed)
  if (short.length <= mostBytes) return short
  return asciiJson({
    ...collapsed,
    parts: [],
    dependencies: [],
    vetoes: ['the record is too long for a header'],
  })
}

function wholeTables(dependencies: readonly Dependency[]): Dependency[] {
  const tables = new Set(dependencies.map(dependency => dependency.table))
  return [...tables].map(table => ({ table, equals: {}, columns: null }))
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
