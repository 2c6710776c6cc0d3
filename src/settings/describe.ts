import type { z } from 'zod'
import { errors } from './errors.ts'
import { show } from './mask.ts'
import { duration, schema, size } from './schema.ts'
import type { Settings } from './settings.ts'
import { objectOf, schemaAt } from './shape.ts'
import { type Branch, isBranch, leaves, nodeAt } from './tree.ts'

/** One resolved setting under its written name, ready to print: secrets are masked. */
export interface SettingRow {
  readonly name: string
  readonly value: string
  /** A settings file, `environment variable NAME`, `--set`, `default`, … */
  readonly origin: string
}

const origins = new WeakMap<Settings, Branch>()

/** Keeps the origins of resolved settings, for {@link describeSettings}. */
export function remember(settings: Settings, tree: Branch): void {
  origins.set(settings, tree)
}

/** Every value with its origin, in the order of the schema. Throws SETTINGS_NOT_LOADED for a copy of settings. */
export function describeSettings(settings: Settings): SettingRow[] {
  const tree = origins.get(settings)
  if (!tree) throw errors.SETTINGS_NOT_LOADED({})
  return [...leaves(inOrder(schema, tree))].map(([path, leaf]) => {
    const name = path.join('.')
    const measure = typeof leaf.value === 'number' ? schemaAt(schema, tree, path) : undefined
    const unit = measure === duration ? 'ms' : measure === size ? 'B' : ''
    return { name, value: show(name, leaf) + unit, origin: leaf.origin }
  })
}

/** Where a setting's value comes from, for errors that name it; undefined for a copy of settings and unknown names. */
export function originOf(settings: Settings, name: string): string | undefined {
  const tree = origins.get(settings)
  const node = tree && nodeAt(tree, name.split('.'))
  return node && !isBranch(node) ? node.origin : undefined
}

/** The tree in the schema's order, the app's own names after it. */
function inOrder(place: z.ZodType, tree: Branch): Branch {
  const shape = objectOf(place, tree)?.shape ?? {}
  const names = new Set([...Object.keys(shape).filter(name => tree.has(name)), ...tree.keys()])
  const ordered: Branch = new Map()
  for (const name of names) {
    const node = tree.get(name)
    const inner = shape[name]
    if (node) ordered.set(name, isBranch(node) && inner ? inOrder(inner, node) : node)
  }
  return ordered
}
