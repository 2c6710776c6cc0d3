import { z } from 'zod'
import { nearest } from '../core/index.ts'
import { show, shown } from './mask.ts'
import { expectationOf } from './schema.ts'
import { enginesOf, enginesWith, objectOf, schemaAt } from './shape.ts'
import { type Branch, isBranch, type Leaf, leaves, nodeAt } from './tree.ts'

/** One thing wrong with the settings. */
export interface Problem {
  /** The setting's dotted name. */
  readonly name: string
  /** The value as it may be printed, secrets masked; undefined if there is none. */
  readonly value?: string
  /** Where the value comes from; undefined if there is none. */
  readonly origin?: string
  /** Completes the sentence that begins with the name. */
  readonly message: string
  readonly remedy: string
}

const whenMissing: Readonly<Record<string, string>> = {
  secret: "Set it to a text of at least 32 random characters: secret: env.secret('SECRET').",
  'database.url': "Set it: url: env.secret('DATABASE_URL').",
}

/** A problem with what stands at a path of the tree. */
export function problemAt(
  tree: Branch,
  path: readonly PropertyKey[],
  message: string,
  remedy: string,
): Problem {
  const name = path.join('.')
  const node = nodeAt(tree, path)
  if (isBranch(node)) {
    const [first] = has(tree, path) ? leaves(node) : []
    return { name, origin: first?.[1].origin, message, remedy }
  }
  if (node.value === undefined) return { name, message, remedy } // the message names what was not found
  return { name, value: show(name, node), origin: node.origin, message, remedy }
}

function has(tree: Branch, path: readonly PropertyKey[]): boolean {
  const parent = nodeAt(tree, path.slice(0, -1))
  return isBranch(parent) && parent.has(String(path.at(-1)))
}

/** Variables that are absent or malformed. */
export function unreadable(tree: Branch): Problem[] {
  return [...leaves(tree)].flatMap(([path, leaf]) =>
    leaf.problem ? problemAt(tree, path, leaf.problem.message, leaf.problem.remedy) : [],
  )
}

/** What zod found, in our words: each issue by the expectation of the schema where it arose. */
export function fromIssues(schema: z.ZodType, tree: Branch, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map(key => unknownName(schema, tree, issue.path, key))
    const node = nodeAt(tree, issue.path)
    if (!isBranch(node) && node.problem) return [] // reported by `unreadable`
    return wrongValue(schema, tree, issue.path, node)
  })
}

function unknownName(schema: z.ZodType, tree: Branch, path: readonly PropertyKey[], key: string): Problem {
  const place = schemaAt(schema, tree, path) ?? schema
  const names = Object.keys(objectOf(place, nodeAt(tree, path))?.shape ?? {})
  const player = path.join('.')
  const other = enginesWith(place, key)[0]
  if (other)
    return problemAt(
      tree,
      [...path, key],
      `belongs to the engine '${other}'.`,
      `Set ${player}.engine to '${other}' as well, or remove it.`,
    )
  const meant = nearest(key, names)
  const remedy = meant
    ? `Did you mean ${[...path, meant].join('.')}?`
    : `${player === '' ? 'Settings' : player} can have: ${names.join(', ')}.`
  return problemAt(tree, [...path, key], 'is not a setting.', remedy)
}

function wrongValue(
  schema: z.ZodType,
  tree: Branch,
  path: readonly PropertyKey[],
  node: Branch | Leaf,
): Problem {
  const name = path.join('.')
  if (isBranch(node) && !has(tree, path)) {
    const expectation = expectationAt(schema, tree, path)
    return { name, message: 'is missing.', remedy: whenMissing[name] ?? `Set it to ${expectation}.` }
  }
  if (path.at(-1) === 'engine' && !isBranch(node)) {
    const engines = enginesOf(schemaAt(schema, tree, path.slice(0, -1)) ?? schema)
    const meant = nearest(String(node.value), engines)
    const list = engines.map(engine => `'${engine}'`).join(', ')
    const remedy = `${meant ? `Did you mean '${meant}'? ` : ''}It can be: ${list}.`
    return problemAt(tree, path, `names no engine of ${path.slice(0, -1).join('.')}.`, remedy)
  }
  const engines = enginesOf(schemaAt(schema, tree, path) ?? schema)
  if (engines.length > 0 && !isBranch(node)) {
    const engine = nearest(String(node.value), engines) ?? engines[0]
    return problemAt(tree, path, 'must be an object.', `Write ${name}: { engine: '${engine}' }.`)
  }
  const value = path.filter(part => typeof part === 'string') // an item of a list: the list is the setting
  const expectation = expectationAt(schema, tree, path)
  return problemAt(tree, value, `must be ${expectation}.`, correct(node))
}

function expectationAt(schema: z.ZodType, tree: Branch, path: readonly PropertyKey[]): string {
  const place = schemaAt(schema, tree, path)
  return (place && expectationOf(place)) ?? 'an object'
}

function correct(node: Branch | Leaf): string {
  return !isBranch(node) && node.origin === 'default' ? 'Set it.' : 'Correct it there.'
}

/** Issues of the app's own schema under `custom`; its own words, values of secrets taken out. */
export function fromCustom(tree: Branch, issues: readonly z.core.$ZodIssue[]): Problem[] {
  return issues.flatMap(issue => {
    const path = ['custom', ...issue.path]
    const node = nodeAt(tree, path)
    if (!isBranch(node) && node.problem) return []
    const message = isBranch(node) ? issue.message : shown(issue.message, node)
    return problemAt(tree, path, `is refused by customSchema: ${message}.`, correct(node))
  })
}

/** Names that the app's own schema would drop in silence. */
export function unknownCustom(customSchema: z.ZodType, tree: Branch): Problem[] {
  const custom = tree.get('custom')
  if (!isBranch(custom) || !(customSchema instanceof z.ZodObject) || customSchema.def.catchall) return []
  const names = Object.keys(customSchema.shape)
  return [...custom.keys()]
    .filter(name => !names.includes(name))
    .map(name => {
      const meant = nearest(name, names)
      const remedy = meant ? `Did you mean custom.${meant}?` : 'Add it to customSchema, or remove it.'
      return problemAt(tree, ['custom', name], 'is not in customSchema.', remedy)
    })
}

/** The problems as a text for people, two lines each. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ name, message, value, origin, remedy }) => {
      const source = origin === undefined ? '' : `${value ?? 'It'} comes from ${origin}. `
      return `  ${name} ${message}\n    ${source}${remedy}`
    })
    .join('\n')
}
