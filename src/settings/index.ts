export { type CustomOf, defineSettings, type SettingsDefinition, type SettingsInput } from './define.ts'
export { type EnvValue, env } from './env.ts'
export type {
  AppSettings,
  DatabaseEngineSettings,
  DatabaseSettings,
  EdgeSettings,
  LogSettings,
  PagesSettings,
  Settings,
  TlsSettings,
} from './settings.ts'
