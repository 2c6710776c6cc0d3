import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { QuintetError } from '../core/index.ts'
import { advise } from './checks.ts'
import { defineSettings, type SettingsDefinition } from './define.ts'
import { describeSettings } from './describe.ts'
import { env } from './env.ts'
import { resolveSettings } from './resolve.ts'
import type { Settings } from './settings.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'settings-'))
  writeFileSync(join(root, 'app.ts'), '')
})
afterEach(() => rmSync(root, { recursive: true }))

const secret = 'a secret of more than thirty-two characters'
const production = { debug: false, secret }

function resolved(
  definition: SettingsDefinition,
  options: { environment?: string; env?: Record<string, string>; set?: string[] } = {},
): Settings {
  return resolveSettings(definition, {
    root,
    environment: 'development',
    fileName: () => 'base.ts',
    ...options,
  })
}

/** The report's text. */
function report(...args: Parameters<typeof resolved>): string {
  try {
    resolved(...args)
  } catch (error) {
    if (error instanceof QuintetError && error.code === 'SETTINGS_INVALID') return error.message
    throw error
  }
  return 'no problem'
}

function row(settings: Settings, name: string) {
  return describeSettings(settings).find(one => one.name === name)
}

/** What no type would let through. */
const untyped = (input: unknown): SettingsDefinition => defineSettings(input as never)

describe('values', () => {
  test('an app that says nothing has every default', () => {
    const settings = resolved(defineSettings({}))
    expect(settings).toMatchObject({
      environment: 'development',
      root,
      stateDir: join(root, '.quintet'),
      debug: true,
      app: { engine: 'node', entry: './app.ts', workers: 'auto' },
      database: {
        engine: 'embedded',
        port: 8432,
        name: 'app',
        pool: { max: 10 },
        statementTimeoutMs: 25_000,
        cacheReads: false,
      },
      edge: {
        host: '127.0.0.1',
        http: { port: 8080, redirect: false },
        https: { port: 8443 },
        maxBodyBytes: 1024 ** 2,
      },
      pages: { engine: 'memory', maxBytes: 256 * 1024 ** 2, freshnessMs: 300, onFeedLoss: 'pass' },
      objects: { engine: 'memory', maxBytes: 64 * 1024 ** 2, maxComputedBytes: 64 * 1024 ** 2 },
      log: { level: 'info', pretty: true },
    })
  })

  test('without debug the edge listens everywhere and redirects', () => {
    const settings = resolved(defineSettings(production), { environment: 'production' })
    expect(settings.edge).toMatchObject({ host: '0.0.0.0', http: { redirect: true } })
    expect(settings.log.pretty).toBe(false)
  })

  test('durations and sizes are read in their units', () => {
    const settings = resolved(
      defineSettings({ pages: { freshness: '1s', maxSize: '2GB' }, edge: { maxBodySize: 5000 } }),
    )
    expect(settings.pages).toMatchObject({ freshnessMs: 1000, maxBytes: 2 * 1024 ** 3 })
    expect(settings.edge.maxBodyBytes).toBe(5000)
  })

  test('objects merge, lists replace, and the upper layer wins', () => {
    const base = defineSettings({
      edge: { http: { port: 9000 }, trustedProxies: ['10.0.0.1'] },
      log: { level: 'warn' },
    })
    const { edge, log } = resolved(
      defineSettings(base, { edge: { trustedProxies: ['::1'] }, log: { level: 'error' } }),
    )
    expect(edge.http.port).toBe(9000)
    expect(edge.trustedProxies).toEqual(['::1'])
    expect(log.level).toBe('error')
  })

  test("an engine that replaces another leaves the other's settings behind", () => {
    const base = defineSettings({ database: { engine: 'embedded', port: 9432, pool: { max: 4 } } })
    const url = 'postgres://h/x'
    const { database } = resolved(defineSettings(base, { database: { engine: 'postgres', url } }))
    expect(database).toMatchObject({ engine: 'postgres', url, pool: { max: 4 } })
    expect(database).not.toHaveProperty('port')
  })

  test('--set wins over everything and reads JSON', () => {
    const settings = resolved(defineSettings({ edge: { http: { port: 1 } } }), {
      set: ['edge.http.port=9000', 'edge.trustedProxies=["::1"]', 'app.workers=auto'],
    })
    expect(settings.edge).toMatchObject({ http: { port: 9000 }, trustedProxies: ['::1'] })
    expect(row(settings, 'edge.http.port')).toMatchObject({ value: '9000', origin: '--set' })
    expect(() => resolved(defineSettings({}), { set: ['edge.http.port'] })).toThrow('SETTINGS_BAD_OVERRIDE')
  })

  test('settings are frozen', () => {
    const settings = resolved(defineSettings({}))
    expect(() => Object.assign(settings.edge.http, { port: 1 })).toThrow(TypeError)
  })
})

describe('environment variables', () => {
  const definition = defineSettings({
    ...production,
    database: { engine: 'postgres', url: env.secret('DATABASE_URL') },
    edge: { http: { port: env.number('PORT') }, host: env.optional.string('HOST') },
    log: { pretty: env.boolean('PRETTY') },
  })

  test('are read with their types, and absent optional ones leave the value below', () => {
    const variables = { DATABASE_URL: 'postgres://u:p@h/x', PORT: '81', PRETTY: 'true' }
    const settings = resolved(definition, { environment: 'production', env: variables })
    expect(settings.edge).toMatchObject({ host: '0.0.0.0', http: { port: 81 } })
    expect(settings.log.pretty).toBe(true)
    expect(row(settings, 'edge.http.port')?.origin).toBe('environment variable PORT')
    expect(row(settings, 'edge.host')?.origin).toBe('default')
  })

  test('absent and malformed ones are reported together, once each', () => {
    const text = report(definition, { environment: 'production', env: { PORT: '0x50', PRETTY: 'yes' } })
    expect(text).toContain('3 problems')
    expect(text).toContain('environment variable DATABASE_URL is not set')
    expect(text).toMatch(
      /edge\.http\.port must be a number\.\n +'0x50' comes from environment variable PORT\./,
    )
    expect(text).toMatch(/log\.pretty must be true or false/)
  })

  test('inside lists too', () => {
    const trusting = defineSettings({ edge: { trustedProxies: ['::1', env.string('PROXY')] } })
    expect(resolved(trusting, { env: { PROXY: '10.0.0.0/8' } }).edge.trustedProxies).toEqual([
      '::1',
      '10.0.0.0/8',
    ])
    expect(report(trusting)).toContain('environment variable PROXY is not set')
  })
})

describe('the report', () => {
  test('has every problem at once, with name, value, origin and remedy', () => {
    const text = report(
      untyped({
        app: { workers: 0 },
        database: { prot: 5 },
        edge: {
          tls: { engine: 'acme' },
          hosts: ['https://a.test'],
          trustedProxies: ['10.0.0.0/33'],
          timeouts: { idle: 'soon' },
        },
        pages: 'memroy',
        log: { level: 'loud' },
        stroage: {},
        tasks: 1,
      }),
    )
    expect(text).toContain('10 problems')
    expect(text).toMatch(/app\.workers must be 'auto' or .*\n +0 comes from base\.ts\./)
    expect(text).toMatch(
      /database\.prot is not a setting\.\n +5 comes from base\.ts\. Did you mean database\.port\?/,
    )
    expect(text).toMatch(/edge\.tls\.engine names no engine of edge\.tls\..*\n.*'development', 'files'/)
    expect(text).toMatch(/edge\.hosts must be a list of host names without ports/)
    expect(text).toMatch(/edge\.trustedProxies must be a list of addresses/)
    expect(text).toMatch(
      /edge\.timeouts\.idle must be a duration such as '300ms'.*\n +'soon' comes from base\.ts/,
    )
    expect(text).toContain("Write pages: { engine: 'memory' }")
    expect(text).toMatch(/log\.level must be 'debug' or 'info' or 'warn' or 'error'/)
    expect(text).toContain('stroage is not a setting')
    expect(text).toMatch(/tasks is not a setting.*\n.*Settings can have: stateDir, debug,/)
  })

  test("knows another engine's setting", () => {
    expect(report(untyped({ database: { url: 'postgres://h/x' } }))).toMatch(
      /database\.url belongs to the engine 'postgres'\.\n.*Set database\.engine to 'postgres' as well/,
    )
  })

  test.each([
    ['no number', { edge: { http: { port: 'eighty' } } }, 'edge.http.port must be a port'],
    ['out of range', { edge: { http: { port: 65536 } } }, 'edge.http.port must be a port'],
    [
      'the same port twice',
      { edge: { http: { port: 8432 } } },
      'database.port is the port of edge.http.port as well',
    ],
    ['too many connections', { app: { workers: 30 } }, '30 workers (app.workers) makes 300 connections'],
    [
      'statements that outlast the edge',
      { database: { statementTimeout: '30s' } },
      'must be less than edge.timeouts',
    ],
    [
      'clients cut off while waiting',
      { edge: { timeouts: { idle: '30s' } } },
      'must be more than edge.timeouts.upst',
    ],
    ['no freshness', { pages: { freshness: 0 } }, 'pages.freshness must be between 10ms and 60s'],
    ['an entry larger than the cache', { pages: { maxSize: '1MB' } }, 'larger than the whole cache'],
    ['headers too small', { edge: { maxHeaderSize: '100B' } }, 'too small for a browser'],
    ['no entry', { app: { entry: './main.ts' } }, 'app.entry is no readable file'],
    [
      'no certificate',
      { edge: { tls: { engine: 'files', cert: 'c.pem', key: 'app.ts' } } },
      'edge.tls.cert is no',
    ],
    ['no key given', { edge: { tls: { engine: 'files', cert: 'app.ts' } } }, 'edge.tls.key is missing'],
    ['a long state folder', { stateDir: '/tmp/'.padEnd(100, 'x') }, "longer than the system's 107 bytes"],
    [
      'not a PostgreSQL URL',
      { database: { engine: 'postgres', url: 'mysql://h/x' } },
      'must be a URL such as postgres:',
    ],
    ['a short secret', { secret: 'short' }, 'secret must be a text of at least 32 characters'],
  ])('refuses %s', (_, input, expected) => {
    expect(report(untyped(input))).toContain(expected)
  })

  test('the entry that was meant is named', () => {
    expect(report(defineSettings({ app: { entry: './app.tsx' } }))).toContain("Did you mean './app.ts'?")
  })

  test('any free port may be asked for twice', () => {
    expect(report(defineSettings({ edge: { http: { port: 0 }, https: { port: 0 } } }))).toBe('no problem')
  })

  test('production needs a secret of its own', () => {
    expect(report(defineSettings({ debug: false }))).toContain(
      'secret is missing.\n    Set it to a text of at least 32',
    )
    expect(report(defineSettings({}), { environment: 'production' })).toContain('secret is missing')
  })

  test('production is advised against the embedded database, the development certificate and any host', () => {
    expect(advise(resolved(defineSettings(production)))).toHaveLength(3)
    const hosts = ['example.org', '*.example.org', '[::1]']
    expect(advise(resolved(defineSettings({ ...production, edge: { hosts } })))).toHaveLength(2)
    expect(advise(resolved(defineSettings({})))).toEqual([])
  })
})

describe('custom', () => {
  const customSchema = z.object({
    name: z.string(),
    key: z.string().max(10, 'too long: xxxxxxxxxxxxxxx').default('none'),
  })

  test("is checked by the app's schema, whose defaults apply", () => {
    expect(resolved(defineSettings({ customSchema, custom: { name: 'n' } })).custom).toEqual({
      name: 'n',
      key: 'none',
    })
  })

  test('a schema in base checks what upper layers write', () => {
    const base = defineSettings({ customSchema })
    const text = report(defineSettings(base, { custom: { nmae: 'n' } as never }))
    expect(text).toContain('Did you mean custom.name?')
    expect(text).toContain('custom.name is refused by customSchema')
  })

  test("a secret's value stays out of the schema's own words", () => {
    const definition = defineSettings({ customSchema, custom: { name: 'n', key: env.secret('KEY') } })
    const text = report(definition, { env: { KEY: 'xxxxxxxxxxxxxxx' } })
    expect(text).toContain('too long: ••••••••')
    expect(text).not.toContain('xxx')
  })
})

describe('secrets', () => {
  test('are masked wherever settings are printed', () => {
    const settings = resolved(
      defineSettings({
        database: { engine: 'postgres', url: 'postgres://me:hush@h:5432/x?sslpassword=hush' },
        secret: env.secret('SECRET'),
        custom: { key: env.secret('KEY'), redis: 'redis://:hush@h' },
      }),
      { env: { SECRET: `${secret}hush`, KEY: 'hush' } },
    )
    expect(settings.custom.key).toBe('hush')
    const printed = [inspect(settings), inspect(describeSettings(settings), { maxArrayLength: null })].join()
    expect(printed).toContain('postgres://me:••••••••@h:5432/x')
    expect(printed).not.toContain('hush')
  })

  test('are masked in the report', () => {
    const text = report(
      defineSettings({ secret: env.secret('SECRET'), database: { engine: 'postgres', url: 'x:hush' } }),
      {
        env: { SECRET: 'hush' },
      },
    )
    expect(text).toContain('2 problems')
    expect(text).not.toContain('hush')
  })

  test('development generates one, for its owner only, and keeps it', () => {
    const first = resolved(defineSettings({}))
    expect(first.secret.length).toBeGreaterThanOrEqual(32)
    expect(resolved(defineSettings({})).secret).toBe(first.secret)
    expect(statSync(join(root, '.quintet/secret')).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(root, '.quintet/secret'), 'utf8')).toBe(first.secret)
  })

  test('nothing is written when anything is wrong', () => {
    expect(report(defineSettings({ app: { workers: 30 } }))).not.toBe('no problem')
    expect(() => statSync(join(root, '.quintet'))).toThrow('ENOENT')
  })
})
