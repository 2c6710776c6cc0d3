import type { QueryEvent, QueryListener, QueryOutcome, TransactionIdentity } from '../data/index.ts'
import type { Analyzer } from './analyzer.ts'
import { currentRecorder, isUntracked } from './context.ts'
import { hasOpenRecorders, type Recorder, vetoOpenRecorders } from './recorder.ts'
import { bind, clockParameter } from './sql/bind.ts'
import type { Analysis, ResultRows } from './sql/template.ts'

/** What queries are listened to on: a `Database` of the data room. */
export interface Listenable {
  listen(listener: QueryListener): () => void
}

/**
 * Records every query of the database into the recorder of the async context it is made in. Without one, it
 * vetoes the responses being made (DESIGN §3, rule 5), unless it runs in `untracked`.
 * Returns the function that stops listening.
 */
export function recordQueries(database: Listenable, analyzer: Analyzer): () => void {
  return database.listen(event => {
    const recorder = isUntracked() ? undefined : currentRecorder()
    noteTransaction(event, recorder, analyzer)
    if (isUntracked()) return undefined
    if (recorder) return record(event, recorder, analyzer)
    if (hasOpenRecorders() && analyzer.analyze(event.text, event.session).kind !== 'transaction') {
      vetoOpenRecorders(`a query ran outside any request meanwhile: ${shorten(event.text)}`)
    }
    return undefined
  })
}

/** Who began each transaction that a response's own code began. */
const owners = new WeakMap<TransactionIdentity, Recorder>()
/** Transactions in which somebody other than their owner ran what isn't proven to be a read. */
const writtenByOthers = new WeakSet<TransactionIdentity>()

/**
 * A transaction belongs to the response that began it: its snapshot is then no older than the position the record
 * claims, and what it wrote is known. Anybody else who reads in it knows neither.
 */
function noteTransaction(event: QueryEvent, recorder: Recorder | undefined, analyzer: Analyzer): void {
  if (!event.inTransaction) {
    // A text with more in it than BEGIN may leave a transaction open, but then nobody owns that one.
    if (recorder && analyzer.analyze(event.text, event.session).kind === 'transaction') {
      owners.set(event.transaction, recorder)
    }
    return
  }
  if (recorder && owners.get(event.transaction) === recorder) return
  if (analyzer.analyze(event.text, event.session).mayWrite) writtenByOthers.add(event.transaction)
}

function record(event: QueryEvent, recorder: Recorder, analyzer: Analyzer): (outcome: QueryOutcome) => void {
  const found = analyzer.analyze(event.text, event.session)
  const analysis = (recorder.mayBeOld && found.aged) || found
  const settle = recorder.begin()
  const notes = recorder.explains ? [...analysis.reasons, ...analysis.notes] : undefined
  const refused = refusal(event, analysis, recorder)
  if (analysis.mayWrite) recorder.wrote()
  if (refused !== undefined) {
    recorder.veto(refused)
    notes?.push(refused)
    if (notes) recorder.note({ text: event.text, dependencies: [], notes: [...new Set(notes)] })
  } else {
    return recordRead(event, analysis, recorder, settle, notes)
  }
  return outcome => settle(outcome.ok ? undefined : messageOf(outcome.error))
}

/** Most rows of a result that are looked at to narrow what it depends on. */
const mostRows = 512

/** A query that may be cached: what it depends on is recorded once its result, which may narrow it, is known. */
function recordRead(
  event: QueryEvent,
  analysis: Analysis,
  recorder: Recorder,
  settle: (failure?: string) => void,
  notes: string[] | undefined,
): (outcome: QueryOutcome) => void {
  if (analysis.templates.some(({ result }) => result)) event.keepRows?.(mostRows)
  return outcome => {
    // Of a read that failed nothing is known, so that it vetoes.
    if (!outcome.ok) return settle(messageOf(outcome.error))
    const dependencies = bind(analysis, event.values, notes, resultRows(outcome))
    recorder.depend(...dependencies)
    if (notes) recorder.note({ text: event.text, dependencies, notes })
    settle()
  }
}

function resultRows({ rows, fields }: QueryOutcome & { ok: true }): ResultRows | undefined {
  if (!rows || fields.length === 0) return undefined
  return {
    rows,
    columnAt({ table, number }) {
      const index = fields.findIndex(field => field.tableID === table && field.columnID === number)
      return index === -1 ? undefined : index
    },
  }
}

/** Why the response can't be stored after this query, or undefined. */
function refusal(event: QueryEvent, analysis: Analysis, recorder: Recorder): string | undefined {
  if (analysis.kind === 'transaction') return undefined
  if (analysis.kind !== 'read') return `${analysis.reasons[0] ?? 'not a read'}: ${shorten(event.text)}`
  if (event.session.altered) return `the connection's session was altered: ${shorten(event.text)}`
  if (event.target === 'replica')
    return `read from a replica, whose position is not known: ${shorten(event.text)}`
  if (event.inTransaction && (recorder.hasWritten || writtenByOthers.has(event.transaction))) {
    return `read in a transaction that wrote: ${shorten(event.text)}`
  }
  if (event.inTransaction && owners.get(event.transaction) !== recorder) {
    return `read in a transaction that this request did not begin: ${shorten(event.text)}`
  }
  const number = clockParameter(analysis, event.values)
  return number === undefined
    ? undefined
    : `the parameter $${number} may be read as the current time: ${shorten(event.text)}`
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
