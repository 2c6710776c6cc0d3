import { isIP } from 'node:net'
import { z } from 'zod'
import { parseDuration, parseSize } from '../core/index.ts'

/** What a leaf of the schema wants, in the words of a report: "must be …". */
const expectations = new WeakMap<z.ZodType, string>()

function expecting<Schema extends z.ZodType>(expectation: string, schema: Schema): Schema {
  expectations.set(schema, expectation)
  return schema
}

export function expectationOf(schema: z.ZodType): string | undefined {
  return expectations.get(schema)
}

function measured(parse: (value: string | number) => number) {
  return z.union([z.string(), z.number()]).transform((value, context) => {
    try {
      return parse(value)
    } catch {
      context.addIssue({ code: 'custom', message: 'malformed' })
      return z.NEVER
    }
  })
}

/** Written `'300ms'`, `'30s'` or as a number of milliseconds. */
export const duration = expecting("a duration such as '300ms', '30s' or '5m'", measured(parseDuration))
/** Written `'16kB'`, `'256MB'` or as a number of bytes. */
export const size = expecting("a size such as '16kB' or '256MB'", measured(parseSize))

const port = expecting('a port: 1 to 65535, or 0 for any free one', z.int().min(0).max(65535))
const flag = expecting('true or false', z.boolean())
const count = (max: number) => expecting(`a whole number from 1 to ${max}`, z.int().min(1).max(max))
const text = expecting('a text that is not empty', z.string().min(1))
const path = expecting('a path relative to the app folder, or an absolute one', z.string().min(1))
const choice = <const Choices extends readonly [string, ...string[]]>(...choices: Choices) =>
  expecting(choices.map(one => `'${one}'`).join(' or '), z.enum(choices))
const identifier = expecting(
  'a lower-case SQL name: letters, digits and _, at most 63 characters',
  z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/),
)
const databaseUrl = expecting(
  'a URL such as postgres://user:password@host:5432/name',
  z.string().refine(value => /^postgres(ql)?:$/.test(URL.parse(value)?.protocol ?? '')),
)
const addresses = expecting(
  "a list of addresses or ranges, such as ['10.0.0.0/8', '::1']",
  z.array(z.string().refine(isAddressOrRange)),
)
const hosts = expecting(
  "a list of host names without ports, such as ['example.org', '*.example.org']",
  z.array(z.string().regex(/^(?:(?:\*\.)?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|\[[0-9a-f:.]+\])$/i)),
)

function isAddressOrRange(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/')
  const family = isIP(address)
  if (family === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

const database = {
  pool: z.strictObject({ max: count(1000) }),
  statementTimeout: duration,
  publication: identifier,
  migrations: path,
  cacheReads: flag,
}

/**
 * The written form with every value present: `defaults.ts` is merged below what the app writes. A player with several
 * engines is a union told apart by `engine`.
 */
export const schema = z.strictObject({
  stateDir: path,
  debug: flag,
  secret: expecting('a text of at least 32 characters', z.string().min(32)),
  app: z.strictObject({
    engine: choice('node'),
    entry: path,
    workers: expecting(
      "'auto' or a whole number from 1 to 256",
      z.union([z.literal('auto'), z.int().min(1).max(256)]),
    ),
  }),
  database: z.discriminatedUnion('engine', [
    z.strictObject({ engine: z.literal('embedded'), port, name: identifier, ...database }),
    z.strictObject({ engine: z.literal('postgres'), url: databaseUrl, ...database }),
  ]),
  edge: z.strictObject({
    engine: choice('node'),
    host: text,
    http: z.strictObject({ port, redirect: flag }),
    https: z.strictObject({ port }),
    tls: z.discriminatedUnion('engine', [
      z.strictObject({ engine: z.literal('development') }),
      z.strictObject({ engine: z.literal('files'), cert: path, key: path }),
    ]),
    hosts,
    trustedProxies: addresses,
    maxBodySize: size,
    maxHeaderSize: size,
    timeouts: z.strictObject({ upstream: duration, body: duration, idle: duration }),
  }),
  pages: z.strictObject({
    engine: choice('memory', 'none'),
    maxSize: size,
    maxEntrySize: size,
    freshness: duration,
    onFeedLoss: choice('pass', 'serve'),
  }),
  objects: z.strictObject({ engine: choice('memory'), maxSize: size, maxComputedSize: size }),
  log: z.strictObject({ level: choice('debug', 'info', 'warn', 'error'), pretty: flag }),
  custom: z.record(z.string(), z.unknown()),
})

/** Every value as the app would write it. */
export type CompleteInput = z.input<typeof schema>
/** Every value parsed, still under its written name. */
export type Complete = z.output<typeof schema>
