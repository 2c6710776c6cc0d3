export { createLogger } from './logger.ts'
export { logSignals } from './logSignals.ts'
