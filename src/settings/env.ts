/** Shared by every copy of this module, so that a value made by one is known to another. */
const brand: unique symbol = Symbol.for('quintet.settings.env') as never

/** A value that will be read from the environment when the settings are loaded, and checked together with all others. */
export interface EnvValue<Value> {
  readonly [brand]: true
  readonly name: string
  readonly kind: 'string' | 'number' | 'boolean'
  /** Never printed. */
  readonly secret: boolean
  /** When absent, the value of the settings below this one stands. */
  readonly optional: boolean
  /** Only for the type checker. */
  readonly value?: Value
}

function reader<Value>(kind: EnvValue<Value>['kind'], secret: boolean, optional: boolean) {
  return (name: string): EnvValue<Value> => ({ [brand]: true, name, kind, secret, optional })
}

/**
 * Names environment variables inside a settings module. Nothing is read there: absent or malformed variables are
 * problems of the one report that `loadSettings` makes.
 *
 * ```ts
 * export default defineSettings(base, {
 *   secret: env.secret('SECRET'),
 *   edge: { http: { port: env.optional.number('PORT') } }, // absent: as in base
 * })
 * ```
 */
export const env = {
  /** A required text that is masked wherever settings are printed. */
  secret: reader<string>('string', true, false),
  /** A required text. */
  string: reader<string>('string', false, false),
  /** A required number, in plain decimal notation. */
  number: reader<number>('number', false, false),
  /** A required `true` or `false`. */
  boolean: reader<boolean>('boolean', false, false),
  /** The same four, for variables that may be absent: then the value of the settings below stands. */
  optional: {
    secret: reader<string>('string', true, true),
    string: reader<string>('string', false, true),
    number: reader<number>('number', false, true),
    boolean: reader<boolean>('boolean', false, true),
  },
} as const

export function isEnvValue(value: unknown): value is EnvValue<unknown> {
  return typeof value === 'object' && value !== null && brand in value
}
