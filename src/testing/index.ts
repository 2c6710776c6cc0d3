export { type TestDatabase, testDatabase } from './database.ts'
export { freePort } from './freePort.ts'
