import { defineErrors } from '../core/index.ts'
import { formatProblems, type Problem } from './report.ts'

export const errors = defineErrors({
  SETTINGS_INVALID: {
    message: (f: { environment: string; problems: readonly Problem[] }) =>
      `The settings '${f.environment}' have ${f.problems.length === 1 ? 'a problem' : `${f.problems.length} problems`}:\n${formatProblems(f.problems)}\n`,
    remedy:
      'Nothing was started. Once they are corrected, `quintet settings` prints every value with its origin.',
  },
  SETTINGS_UNKNOWN_ENVIRONMENT: {
    message: (f: {
      environment: string
      origin: string
      folder: string
      known: readonly string[]
      meant?: string
    }) =>
      `There are no settings '${f.environment}' (${f.origin}) in ${f.folder}; there are: ${f.known.join(', ') || 'none'}.`,
    remedy: f =>
      f.meant
        ? `Did you mean '${f.meant}'?`
        : `Set QUINTET_SETTINGS to one of them, or add ${f.environment}.ts.`,
  },
  SETTINGS_NO_FOLDER: {
    message: (f: { folder: string }) => `There is no settings folder ${f.folder}.`,
    remedy: 'Run this in the folder of an app, or name it with --root.',
  },
  SETTINGS_MODULE_FAILED: {
    message: (f: { file: string; reason: string; meant?: string }) =>
      `The settings module ${f.file} can't be loaded: ${f.reason}.`,
    remedy: f => (f.meant ? `Did you mean '${f.meant}'?` : 'Correct the module.'),
  },
  SETTINGS_NOT_DEFINED: {
    message: (f: { file: string }) =>
      `The settings module ${f.file} has no default export made by defineSettings.`,
    remedy: 'Write `export default defineSettings({ … })`, imported from quintet/settings.',
  },
  SETTINGS_SECRET_NOT_KEPT: {
    message: (f: { file: string; reason: string }) =>
      `The generated development secret can't be kept in ${f.file}: ${f.reason}.`,
    remedy: 'Make the folder writable, remove a damaged file, or set `secret` yourself.',
  },
  SETTINGS_NOT_LOADED: {
    message: (_: Record<string, never>) =>
      'These settings are a copy, so the origins of their values are unknown.',
    remedy: 'Describe the object that loadSettings or resolveSettings returned.',
  },
  SETTINGS_BAD_OVERRIDE: {
    message: (f: { text: string }) => `'--set ${f.text}' is not a setting and its value.`,
    remedy: 'Write a dotted name, = and the value: --set edge.http.port=9000.',
  },
})
