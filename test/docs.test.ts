import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const home = resolve(import.meta.dirname, '..')
const exclude = ['**/node_modules/**', '**/.quintet/**']
const documents = globSync(['*.md', 'docs/**/*.md', '{src,examples,bench,test}/**/*.md'], {
  cwd: home,
  exclude,
})
const read = (file: string): string => readFileSync(join(home, file), 'utf8')
/** Without code, in which brackets mean other things. */
const prose = (file: string): string =>
  read(file)
    .replaceAll(/^```.*?^```/gms, '')
    .replaceAll(/`[^`\n]*`/g, '')

test('every link within the repository leads somewhere', () => {
  const broken = documents.flatMap(file =>
    [...prose(file).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
      .map(match => match[1] ?? '')
      .filter(link => !/^[a-z]+:/.test(link) && !existsSync(join(home, dirname(file), link)))
      .map(link => `${file}: ${link}`),
  )
  expect(documents.length).toBeGreaterThan(3)
  expect(broken).toEqual([])
})

test("every file that a room's README lists exists", () => {
  const missing = globSync('src/*/README.md', { cwd: home }).flatMap(file =>
    [...read(file).matchAll(/^\| *((?:`[^`|]+`[, ]*)+) *\|/gm)]
      .flatMap(row => [...(row[1] ?? '').matchAll(/`([^`]+)`/g)].map(match => match[1] ?? ''))
      .filter(
        name =>
          /^[\w./-]+(\.tsx?|\/)$/.test(name) &&
          globSync(`**/${name}`, { cwd: join(home, dirname(file)) }).length === 0,
      )
      .map(name => `${file}: ${name}`),
  )
  expect(missing).toEqual([])
})

/** ```tsx file=examples/guestbook/app.tsx: an excerpt of a file that is compiled and run. */
test('code in the README and the guides is taken from files that run', () => {
  const drifted = [...globSync('docs/**/*.md', { cwd: home }), 'README.md']
    .filter(file => existsSync(join(home, file)))
    .flatMap(file =>
      [...read(file).matchAll(/^```(?:ts|tsx)\b *(?:file=(\S+))?.*?\n(.*?)^```/gms)].flatMap(
        ([, source, code = '']) => {
          if (!source) return [`${file}: a block without file=…:\n${code}`]
          if (!existsSync(join(home, source))) return [`${file}: ${source} does not exist`]
          return read(source).includes(code.trimEnd()) ? [] : [`${file}: not in ${source}:\n${code}`]
        },
      ),
    )
  expect(drifted).toEqual([])
})
