import type { App } from './app.ts'
import { errors } from './errors.ts'

interface Claim {
  readonly method: string
  readonly path: string
  readonly module: string
}

/** The addresses of an app, checked once: what is wrong with them, and what a path would answer to. */
export interface Paths {
  /** Methods that some page or route takes at this path, for `Allow`. */
  methodsAt(path: string): string[]
}

/** Throws APP_MODULE_TWICE, APP_PATH_INVALID or APP_PATH_TAKEN. */
export function checkPaths(app: App): Paths {
  const claims = new Map<string, Claim>()
  const modules = new Set<string>()
  for (const module of app.modules) {
    if (modules.has(module.name)) throw errors.APP_MODULE_TWICE({ name: module.name })
    modules.add(module.name)
    for (const { method, path } of addressesOf(module)) {
      const why = fault(path)
      if (why) throw errors.APP_PATH_INVALID({ path, owner: `module "${module.name}"`, why })
      const key = `${method} ${path.replace(/:[^/]+/g, ':')}`
      const first = claims.get(key)?.module
      if (first !== undefined) throw errors.APP_PATH_TAKEN({ method, path, first, second: module.name })
      claims.set(key, { method, path, module: module.name })
    }
  }
  const patterns = [...claims.values()].map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  return {
    methodsAt(path) {
      const methods = new Set<string>()
      for (const { method, pattern } of patterns) {
        if (!pattern.test(path)) continue
        methods.add(method)
        if (method === 'GET') methods.add('HEAD')
      }
      return [...methods].sort()
    },
  }
}

function* addressesOf(module: App['modules'][number]): Generator<{ method: string; path: string }> {
  for (const { path, actions } of module.pages) {
    yield { method: 'GET', path }
    if (Object.keys(actions).length > 0) yield { method: 'POST', path }
  }
  for (const { method, path } of module.routes) yield { method, path }
}

function fault(path: string): string | undefined {
  if (!path.startsWith('/')) return 'does not begin with a slash'
  if (path.startsWith('/-/') || path.startsWith('/assets/'))
    return "begins with one of the framework's own folders"
  if (/[?#\s]/.test(path)) return 'contains a character that paths cannot have'
  if (path.includes('*') && !path.endsWith('/*')) return 'has a * that is not its last part'
  if (/\/:(?:[^/\w]|\/|$)/.test(path) || /[^/]:/.test(path)) return 'has a parameter without a plain name'
  return undefined
}

function patternOf(path: string): RegExp {
  const source = path
    .split('/')
    .map(part =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&'),
    )
    .join('/')
  return new RegExp(`^${source}$`)
}
