import type { QueryEvent, QueryListener, QueryOutcome } from '../data/index.ts'
import type { Analyzer } from './analyzer.ts'
import { currentRecorder, isUntracked } from './context.ts'
import { hasOpenRecorders, type Recorder, vetoOpenRecorders } from './recorder.ts'
import { bind, clockParameter } from './sql/bind.ts'
import type { Analysis } from './sql/template.ts'

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
    if (isUntracked()) return undefined
    const recorder = currentRecorder()
    if (recorder) return record(event, recorder, analyzer)
    if (hasOpenRecorders() && analyzer.analyze(event.text, event.session).kind !== 'transaction') {
      vetoOpenRecorders(`a query ran outside any request meanwhile: ${shorten(event.text)}`)
    }
    return undefined
  })
}

/** Recorders that have begun a transaction themselves. */
const began = new WeakSet<Recorder>()

function record(event: QueryEvent, recorder: Recorder, analyzer: Analyzer): (outcome: QueryOutcome) => void {
  const analysis = analyzer.analyze(event.text, event.session)
  const settle = recorder.begin()
  const notes = recorder.explains ? [...analysis.reasons, ...analysis.notes] : undefined
  const refused = refusal(event, analysis, recorder)
  if (analysis.mayWrite) recorder.wrote()
  if (refused !== undefined) {
    recorder.veto(refused)
    notes?.push(refused)
    if (notes) recorder.note({ text: event.text, dependencies: [], notes: [...new Set(notes)] })
  } else {
    const dependencies = bind(analysis, event.values, notes)
    recorder.depend(...dependencies)
    if (notes) recorder.note({ text: event.text, dependencies, notes })
  }
  return outcome => settle(outcome.ok ? undefined : messageOf(outcome.error))
}

/** Why the response can't be stored after this query, or undefined. */
function refusal(event: QueryEvent, analysis: Analysis, recorder: Recorder): string | undefined {
  if (analysis.kind === 'transaction') {
    if (!event.inTransaction) began.add(recorder)
    return undefined
  }
  if (analysis.kind !== 'read') return `${analysis.reasons[0] ?? 'not a read'}: ${shorten(event.text)}`
  if (event.session.altered) return `the connection's session was altered: ${shorten(event.text)}`
  if (event.target === 'replica')
    return `read from a replica, whose position is not known: ${shorten(event.text)}`
  if (event.inTransaction && recorder.hasWritten) {
    return `read in a transaction that wrote: ${shorten(event.text)}`
  }
  // Its snapshot may be older than the position that the record claims, and what it wrote is not known here.
  if (event.inTransaction && !began.has(recorder)) {
    return `read in a transaction that began before the request: ${shorten(event.text)}`
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
