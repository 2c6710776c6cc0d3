export { type Dependency, type Step, stepOf } from './dependency.ts'
export { currentRecorder, isUntracked, runRecorded, untracked, vetoOpenRecorders } from './openRecorders.ts'
export type { QueryNote, ReadRecord, RequestPart } from './record.ts'
export { type ClosedRecord, Recorder, type RecorderOptions } from './recorder.ts'
