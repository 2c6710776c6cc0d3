import { defineSettings } from 'quintet/settings'
import base from './base.ts'

export default defineSettings(base, {
  debug: true,
  log: { level: 'info', pretty: true },
})
