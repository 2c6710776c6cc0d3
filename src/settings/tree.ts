import { isEnvValue } from './env.ts'

/** A value and where it came from. */
export interface Leaf {
  readonly value: unknown
  /** A file relative to the app, `default`, `--set`, … */
  readonly origin: string
  readonly secret: boolean
  /** Set if the value could not be had at all. */
  readonly problem?: { readonly message: string; readonly remedy: string }
}

/** Settings with the origin of each value; maps, so that no name is special. */
export type Branch = Map<string, Branch | Leaf>

export function isBranch(node: Branch | Leaf | undefined): node is Branch {
  return node instanceof Map
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads what was written into a tree. Optional variables that are absent leave no leaf. */
export function toTree(input: object, origin: string, environment: Environment): Branch {
  const branch: Branch = new Map()
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue
    if (isPlain(value)) branch.set(name, toTree(value, origin, environment))
    else {
      const leaf = toLeaf(value, origin, environment)
      if (leaf) branch.set(name, leaf)
    }
  }
  return branch
}

function toLeaf(value: unknown, origin: string, environment: Environment): Leaf | undefined {
  if (isEnvValue(value)) return readVariable(value, origin, environment)
  if (!Array.isArray(value)) return { value, origin, secret: false }
  const items = value.flatMap(item => toLeaf(item, origin, environment) ?? [])
  const variables = items.map(item => item.origin).filter(one => one !== origin)
  return {
    value: items.map(item => item.value),
    origin: [origin, ...variables].join(', '),
    secret: items.some(item => item.secret),
    problem: items.find(item => item.problem)?.problem,
  }
}

function readVariable(
  variable: { name: string; kind: 'string' | 'number' | 'boolean'; secret: boolean; optional: boolean },
  file: string,
  environment: Environment,
): Leaf | undefined {
  const { name, kind, secret } = variable
  const origin = `environment variable ${name}`
  const text = environment[name]
  if (text === undefined || text === '') {
    if (variable.optional) return undefined
    return {
      value: undefined,
      origin,
      secret,
      problem: {
        message: `has no value: ${origin} is not set.`,
        remedy: `${file} asks for it. Set ${name} in the environment.`,
      },
    }
  }
  if (kind === 'string') return { value: text, origin, secret }
  const value =
    kind === 'number' ? Number(text) : text === 'true' ? true : text === 'false' ? false : undefined
  const readable = kind === 'number' ? /^-?\d+(\.\d+)?$/.test(text) : value !== undefined
  return readable
    ? { value, origin, secret }
    : {
        value: text,
        origin,
        secret,
        problem: {
          message: `must be ${kind === 'number' ? 'a number' : 'true or false'}.`,
          remedy: 'Correct it there.',
        },
      }
}

/** Lays `upper` over `lower`: branches merge, anything else replaces. */
export function overlay(lower: Branch, upper: Branch): Branch {
  const merged: Branch = new Map(lower)
  for (const [name, node] of upper) {
    const below = lower.get(name)
    merged.set(name, isBranch(node) && isBranch(below) ? overlay(below, node) : node)
  }
  return merged
}

/** The plain object that a tree stands for; unreadable values are left out. */
export function toPlain(branch: Branch): Record<string, unknown> {
  const plain: Record<string, unknown> = {}
  for (const [name, node] of branch) {
    const value = isBranch(node) ? toPlain(node) : node.problem ? undefined : node.value
    if (value !== undefined) Object.defineProperty(plain, name, { value, enumerable: true })
  }
  return plain
}

/** The node at a path, or the deepest one on the way to it. */
export function nodeAt(branch: Branch, path: readonly PropertyKey[]): Branch | Leaf {
  let node: Branch | Leaf = branch
  for (const name of path) {
    const next: Branch | Leaf | undefined = isBranch(node) ? node.get(String(name)) : undefined
    if (!next) break
    node = next
  }
  return node
}

/** Every leaf with its dotted path, in order. */
export function* leaves(branch: Branch, path: readonly string[] = []): Generator<[readonly string[], Leaf]> {
  for (const [name, node] of branch) {
    if (isBranch(node)) yield* leaves(node, [...path, name])
    else yield [[...path, name], node]
  }
}

/** True for an object literal, which merges; anything else is a value. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || isEnvValue(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
