export { advise } from './checks.ts'
export { type CustomOf, defineSettings, type SettingsDefinition, type SettingsInput } from './define.ts'
export { describeSettings, originOf, type SettingRow } from './describe.ts'
export { type EnvValue, env } from './env.ts'
export { type LoadOptions, loadSettings } from './load.ts'
export { type ResolveContext, resolveSettings } from './resolve.ts'
export type {
  AppSettings,
  DatabaseEngineSettings,
  DatabaseSettings,
  EdgeSettings,
  LogSettings,
  ObjectsSettings,
  PagesSettings,
  Settings,
  TlsSettings,
} from './settings.ts'
export {
  databaseAddress,
  edgeAddresses,
  feedSocket,
  type TopologyRow,
  topology,
  workerCount,
  workerSockets,
} from './topology.ts'
