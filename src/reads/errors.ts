import { defineErrors } from '../core/index.ts'

export const errors = defineErrors({
  READS_CATALOG_UNREADABLE: {
    message: (f: { publication: string; reason: string }) =>
      `The database's catalog could not be read for the publication "${f.publication}": ${f.reason}.`,
    remedy:
      'Check that the role may connect and read pg_catalog, and that the server is PostgreSQL 15 or newer.',
  },
})
