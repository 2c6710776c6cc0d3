import { resolve } from 'node:path'
import { inspect } from 'node:util'
import type { z } from 'zod'
import { crossCheck } from './checks.ts'
import { debugDefaults, defaults, engineDefaults } from './defaults.ts'
import type { SettingsDefinition } from './define.ts'
import { describeSettings, remember } from './describe.ts'
import { errors } from './errors.ts'
import { overrideTree } from './override.ts'
import { fromCustom, fromIssues, type Problem, unknownCustom, unreadable } from './report.ts'
import { type Complete, schema } from './schema.ts'
import { generatedOrigin, generatedSecret, toBeGenerated } from './secret.ts'
import type { Settings } from './settings.ts'
import { withoutReplaced } from './shape.ts'
import { type Branch, type Environment, isBranch, isPlain, nodeAt, overlay, toPlain, toTree } from './tree.ts'

export interface ResolveContext {
  /** Absolute folder of the app. */
  readonly root: string
  readonly environment: string
  /** What `env.*` reads; default nothing. */
  readonly env?: Environment
  /** `name=value` texts that win over everything. */
  readonly set?: readonly string[]
  /** How a layer's file is named in reports; default in full. */
  readonly fileName?: (file: string) => string
}

/** Merges, reads, checks and freezes. Throws SETTINGS_INVALID with all problems at once. */
export function resolveSettings(definition: SettingsDefinition, context: ResolveContext): Settings {
  const { environment } = context
  const tree = mergeAll(definition, context)
  const parsed = schema.safeParse(toPlain(tree))
  const custom = checkCustom(definition.customSchema, tree)
  const problems = [
    ...unreadable(tree),
    ...(parsed.success ? [] : fromIssues(schema, tree, parsed.error.issues)),
    ...custom.problems,
  ]
  if (!parsed.success || problems.length > 0) throw errors.SETTINGS_INVALID({ environment, problems })

  const settings = assemble(parsed.data, custom.values, context)
  const crossed = crossCheck(settings, parsed.data, tree)
  if (crossed.length > 0) throw errors.SETTINGS_INVALID({ environment, problems: crossed })
  return finish(settings, tree)
}

/** From below: engines' own defaults, defaults, debug's defaults, the layers, `--set`. */
function mergeAll(definition: SettingsDefinition, context: ResolveContext): Branch {
  const env = context.env ?? {}
  let written: Branch = new Map()
  const lay = (upper: Branch): void => {
    written = overlay(withoutReplaced(schema, written, upper), upper)
  }
  for (const { input, file } of definition.layers) {
    const { customSchema: _, ...values } = input
    lay(toTree(values, context.fileName?.(file) ?? file, env))
  }
  lay(overrideTree(context.set ?? []))

  const under = (values: object, origin = 'default'): void => {
    const lower = toTree(values, origin, env)
    written = overlay(withoutReplaced(schema, lower, written), written)
  }
  under({ debug: context.environment === 'development' })
  const debug = valueAt(written, ['debug']) === true
  if (debug) under(debugDefaults, 'default with debug')
  under(defaults)
  for (const [player, own] of Object.entries(engineDefaults)) {
    const path = player.split('.')
    const engine = path.pop()
    if (valueAt(written, [...path, 'engine']) === engine)
      under(path.reduceRight<object>((inner, name) => ({ [name]: inner }), own))
  }
  if (debug) under({ secret: toBeGenerated }, generatedOrigin)
  return written
}

function valueAt(tree: Branch, path: readonly string[]): unknown {
  const node = nodeAt(tree, path)
  return isBranch(node) ? undefined : node.value
}

function checkCustom(
  customSchema: z.ZodType | undefined,
  tree: Branch,
): { values: Record<string, unknown>; problems: Problem[] } {
  const node = tree.get('custom')
  const written = isBranch(node) ? toPlain(node) : {}
  if (!customSchema) return { values: written, problems: [] }
  const unknown = unknownCustom(customSchema, tree)
  const result = customSchema.safeParse(written)
  return result.success
    ? { values: result.data as Record<string, unknown>, problems: unknown }
    : { values: written, problems: [...unknown, ...fromCustom(tree, result.error.issues)] }
}

/** The resolved form: units in the names, paths absolute where a file is opened. */
function assemble(written: Complete, custom: Record<string, unknown>, context: ResolveContext): Settings {
  const { root, environment } = context
  const { statementTimeout, ...database } = written.database
  const { maxBodySize, maxHeaderSize, timeouts, tls, ...edge } = written.edge
  const { maxSize, maxEntrySize, freshness, ...pages } = written.pages
  const { objects } = written
  return {
    ...written,
    environment,
    root,
    stateDir: resolve(root, written.stateDir),
    database: { ...database, statementTimeoutMs: statementTimeout },
    edge: {
      ...edge,
      tls:
        tls.engine === 'files' ? { ...tls, cert: resolve(root, tls.cert), key: resolve(root, tls.key) } : tls,
      maxBodyBytes: maxBodySize,
      maxHeaderBytes: maxHeaderSize,
      timeouts: { upstreamMs: timeouts.upstream, bodyMs: timeouts.body, idleMs: timeouts.idle },
    },
    pages: { ...pages, maxBytes: maxSize, maxEntryBytes: maxEntrySize, freshnessMs: freshness },
    objects: {
      engine: objects.engine,
      maxBytes: objects.maxSize,
      maxComputedBytes: objects.maxComputedSize,
    },
    custom,
  }
}

/** What must happen only once everything is right: the secret's file, and no more changes. */
function finish(checked: Settings, tree: Branch): Settings {
  const secret = checked.secret === toBeGenerated ? generatedSecret(checked.stateDir) : checked.secret
  const settings: Settings = { ...checked, secret }
  // a stray console.log prints what `quintet settings` would: no secrets
  Object.defineProperty(settings, inspect.custom, {
    value: () => Object.fromEntries(describeSettings(settings).map(row => [row.name, row.value])),
  })
  freeze(settings)
  remember(settings, tree)
  return settings
}

/** Plain objects and lists only: an app's own settings may hold other things. */
function freeze(value: unknown): void {
  if (!Array.isArray(value) && !isPlain(value)) return
  Object.freeze(value)
  for (const inner of Object.values(value)) freeze(inner)
}
