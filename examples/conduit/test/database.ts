import { readFileSync } from 'node:fs'
import { testDatabase } from '../../../src/testing/database.ts'

/** A fresh database with Conduit's tables in it, and nothing else. */
export const conduitDatabase = () =>
  testDatabase(readFileSync(new URL('../migrations/0000_initial.sql', import.meta.url), 'utf8'))
