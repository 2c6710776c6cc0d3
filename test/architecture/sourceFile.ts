import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'

/** What the rules need to know of one file. */
export interface SourceFile {
  /** Relative to `src`, with `/`. */
  readonly path: string
  readonly room: string
  /** Tests, their fixtures and engine suites: they may do what sources may not. */
  readonly isTest: boolean
  readonly imports: readonly Import[]
  /** `process.env`, `process.exit` and `console`, where they stand. */
  readonly borderUses: readonly { name: string; line: number }[]
}

export interface Import {
  readonly specifier: string
  /** The file within `src` that a relative specifier names. */
  readonly target: string | undefined
  readonly line: number
}

export function readSourceFile(path: string, source: string): SourceFile {
  const { module, program, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path} can't be parsed: ${errors[0]?.message}`)
  const lineAt = (offset: number): number => source.slice(0, offset).split('\n').length
  const found: { specifier: string; start: number }[] = [
    ...module.staticImports.map(one => ({ specifier: one.moduleRequest.value, start: one.start })),
    ...module.staticExports.flatMap(one =>
      one.entries.flatMap(entry =>
        entry.moduleRequest ? { specifier: entry.moduleRequest.value, start: one.start } : [],
      ),
    ),
    ...module.dynamicImports.flatMap(({ moduleRequest: { start, end } }) => {
      const literal = /^(['"`])([^$]*)\1$/.exec(source.slice(start, end))?.[2]
      return literal ? { specifier: literal, start } : []
    }),
  ]
  const unique = new Map(found.map(one => [one.specifier, one]))
  return {
    path,
    room: path.includes('/') ? (path.split('/')[0] ?? '') : '',
    isTest: /\.(test|suite)\.tsx?$|\/fixtures\//.test(path),
    imports: [...unique.values()].map(({ specifier, start }) => ({
      specifier,
      target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined,
      line: lineAt(start),
    })),
    borderUses: borderUses(program).map(({ name, start }) => ({ name, line: lineAt(start) })),
  }
}

interface Node {
  readonly type: string
  readonly start: number
  readonly [key: string]: unknown
}

function borderUses(program: unknown): { name: string; start: number }[] {
  const uses: { name: string; start: number }[] = []
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const node = value as Node // or a list of nodes, whose values are visited all the same
    if (node.type === 'MemberExpression') {
      const [object, property] = [node.object as Node, node.property as Node]
      if (object.name === 'console') uses.push({ name: 'console', start: node.start })
      if (object.name === 'process' && (property.name === 'env' || property.name === 'exit'))
        uses.push({ name: `process.${property.name}`, start: node.start })
    }
    for (const inner of Object.values(node)) visit(inner)
  }
  visit(program)
  return uses
}
