import { expect, test } from 'vitest'
import { defineApp, defineModule, page, route } from './index.ts'
import { checkPaths } from './paths.ts'

const view = () => null
const appOf = (...paths: string[]) =>
  defineApp({
    modules: paths.map((path, n) => defineModule({ name: `m${n}`, pages: [page(path, { view })] })),
  })

test.each([
  ['articles', 'does not begin with a slash'],
  ['/-/mine', 'own folders'],
  ['/assets/mine', 'own folders'],
  ['/a b', 'cannot have'],
  ['/a/*/b', 'not its last part'],
  ['/a/:/b', 'without a plain name'],
  ['/a/x:y', 'without a plain name'],
])('%s is refused', (path, why) => {
  expect(() => checkPaths(appOf(path))).toThrow(why)
})

test('two modules may not claim one address, whatever they call its parameters', () => {
  expect(() => checkPaths(appOf('/a/:id', '/a/:name'))).toThrow(
    /APP_PATH_TAKEN: GET \/a\/:name is claimed by module "m0" and by module "m1"/,
  )
  const routes = [route('GET /a', { handler: () => 1 }), route('POST /a', { handler: () => 1 })]
  expect(() => checkPaths(defineApp({ modules: [defineModule({ name: 'a', routes })] }))).not.toThrow()
})

test('two modules may not have one name', () => {
  const twin = defineModule({ name: 'blog' })
  expect(() => checkPaths(defineApp({ modules: [twin, twin] }))).toThrow('APP_MODULE_TWICE')
})

test('a path knows its methods', () => {
  const routes = [
    route('PUT /a/:id', { handler: () => 1 }),
    route('GET /a/:id', { handler: () => 1 }),
    route('GET /files/*', { handler: () => 1 }),
  ]
  const paths = checkPaths(defineApp({ modules: [defineModule({ name: 'a', routes })] }))
  expect(paths.methodsAt('/a/1')).toEqual(['GET', 'HEAD', 'PUT'])
  expect(paths.methodsAt('/a/1/2')).toEqual([])
  expect(paths.methodsAt('/files/x/y')).toEqual(['GET', 'HEAD'])
})
