export { matches } from './match.ts'
