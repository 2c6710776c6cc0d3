import { defineSettings, env } from 'quintet/settings'
import base from './base.ts'

export default defineSettings(base, {
  debug: false,
  secret: env.secret('CONDUIT_SECRET'),
  database: { engine: 'postgres', url: env.secret('DATABASE_URL') },
  edge: {
    engine: 'node',
    host: '0.0.0.0',
    tls: { engine: 'files', cert: env.string('TLS_CERT'), key: env.string('TLS_KEY') },
  },
  log: { level: 'info', pretty: false },
})
