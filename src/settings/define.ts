import { getCallSites } from 'node:util'
import type { z } from 'zod'
import type { EnvValue } from './env.ts'
import type { CompleteInput } from './schema.ts'

/** Shared by every copy of this module, so that a definition made by one is known to another. */
const brand: unique symbol = Symbol.for('quintet.settings.definition') as never

/** A value or any part of it, where each leaf may come from the environment. */
export type Written<Value> = Value extends readonly (infer Item)[]
  ? readonly Written<Item>[] | EnvValue<Value>
  : Value extends object
    ? { readonly [Name in keyof Value]?: Written<Value[Name]> }
    : Value | EnvValue<Value>

/** What an app writes: any part of the settings, durations as `'300ms'`, sizes as `'1MB'`. */
export type SettingsInput<Custom extends z.ZodType = z.ZodType> = Written<Omit<CompleteInput, 'custom'>> & {
  /** The app's own settings. */
  readonly custom?: Written<z.input<Custom>>
  /** Checks `custom`; its defaults apply. */
  readonly customSchema?: Custom
}

/** One `defineSettings` call: what was written, and in which file. */
export interface Layer {
  readonly input: SettingsInput
  /** Absolute path or file URL of the caller. */
  readonly file: string
}

/** What a settings module exports; `loadSettings` turns it into `Settings`. Layers run from the base upwards. */
export interface SettingsDefinition<Custom extends z.ZodType = z.ZodType> {
  readonly [brand]: true
  readonly layers: readonly Layer[]
  readonly customSchema: Custom | undefined
}

/** The type of `settings.custom` under a definition: `CustomOf<typeof base>`. */
export type CustomOf<Definition> =
  Definition extends SettingsDefinition<infer Custom> ? z.output<Custom> : never

/**
 * Declares settings, alone or on top of others. Objects merge, anything else replaces; an engine that replaces another
 * leaves the other's own settings behind. Nothing is checked yet.
 *
 * ```ts
 * export default defineSettings(base, { debug: false, database: { engine: 'postgres', url: env.secret('DATABASE_URL') } })
 * ```
 */
export function defineSettings<Custom extends z.ZodType = z.ZodType>(
  input: SettingsInput<Custom>,
): SettingsDefinition<Custom>
export function defineSettings<Custom extends z.ZodType>(
  base: SettingsDefinition<Custom>,
  input: SettingsInput<Custom>,
): SettingsDefinition<Custom>
export function defineSettings(
  first: SettingsDefinition | SettingsInput,
  second?: SettingsInput,
): SettingsDefinition {
  const file = getCallSites(2, { sourceMap: true })[1]?.scriptName ?? ''
  const base = isDefinition(first) ? first : undefined
  const input = base ? (second ?? {}) : (first as SettingsInput)
  return {
    [brand]: true,
    layers: [...(base?.layers ?? []), { input, file }],
    customSchema: input.customSchema ?? base?.customSchema,
  }
}

export function isDefinition(value: unknown): value is SettingsDefinition {
  return typeof value === 'object' && value !== null && brand in value
}
