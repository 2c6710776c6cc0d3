export { type EngineSuite, type Guarantee, objectCacheEngineSuite } from '../cache/index.ts'
export { type TestDatabase, testDatabase } from './database.ts'
export { freePort } from './freePort.ts'
