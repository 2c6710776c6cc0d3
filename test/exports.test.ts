import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'

const home = resolve(import.meta.dirname, '..')
const { exports } = JSON.parse(readFileSync(resolve(home, 'package.json'), 'utf8')) as {
  exports: Record<string, { source: string; types: string; default: string }>
}

/** The names that a door exports, types marked as such, in order. */
function publicNames(file: string): string[] {
  const { module } = parseSync(file, readFileSync(resolve(home, file), 'utf8'))
  return module.staticExports
    .flatMap(one => one.entries)
    .map(({ isType, exportName }) => {
      if (exportName.name === null)
        throw new Error(`${file} exports everything of another file; name what is public.`)
      return isType ? `type ${exportName.name}` : exportName.name
    })
    .sort()
}

// A change here is a change of the API: `vitest -u` accepts it, and the diff shows it to the reviewer.
describe('the public names of', () => {
  test.each(Object.keys(exports))('%s', async subpath => {
    const { source } = exports[subpath] ?? { source: '' }
    const names = publicNames(source)
    expect(names.join('\n')).toMatchSnapshot()
    // what is said to be there is there when it is imported
    const module: object = await import(resolve(home, source))
    expect(Object.keys(module).sort()).toEqual(names.filter(name => !name.startsWith('type ')))
  })
})

test('every subpath names its source, its types and what is built of it, without wildcards', () => {
  for (const [subpath, { source, types, default: built }] of Object.entries(exports)) {
    expect(subpath).not.toContain('*')
    expect(types).toBe(source.replace('./src/', './dist/').replace(/\.ts$/, '.d.ts'))
    expect(built).toBe(source.replace('./src/', './dist/').replace(/\.ts$/, '.js'))
  }
})
