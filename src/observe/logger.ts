import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'
import type { LogSettings } from '../settings/index.ts'

/** A process's logger by the settings: JSON lines, or lines for people, on standard output. `name` is the process's. */
export function createLogger(settings: LogSettings, name: string): Logger {
  const options = {
    name,
    level: settings.level,
    redact: ['req.headers.authorization', 'req.headers.cookie', '*.password', '*.secret'],
  }
  return settings.pretty
    ? pino(options, pretty({ colorize: process.stdout.isTTY === true, ignore: 'pid,hostname', sync: true }))
    : pino(options)
}
