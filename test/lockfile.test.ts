import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly version?: string
  readonly resolved?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Readonly<Record<string, Locked>>
}

/** npm leaves out what the machine that wrote the file could not fetch; `npm ci` then refuses it elsewhere. */
test('the lockfile knows the binaries of every platform', () => {
  const missing = Object.entries(packages).flatMap(([holder, { optionalDependencies }]) =>
    Object.entries(optionalDependencies ?? {})
      .filter(([name, range]) => /^\d/.test(range) && !knows(name, range, holder))
      .map(([name]) => `${holder || 'the root'} wants ${name}`),
  )
  expect(missing).toEqual([])
})

test('the lockfile names no registry', () => {
  const named = Object.entries(packages).filter(([, { resolved }]) => /^https?:/.test(resolved ?? ''))
  expect(named).toEqual([])
})

/** As Node looks for packages: beside the holder's own, then further out. */
function knows(name: string, version: string, holder: string): boolean {
  for (let at = holder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const found = packages[at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`]
    if (found) return found.version === version
    if (at === '') return false
  }
}
