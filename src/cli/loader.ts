import { readFileSync } from 'node:fs'
import { createRequire, type LoadFnOutput, registerHooks, setSourceMapsSupport } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { transformSync } from 'esbuild'

let registered = false

/**
 * Lets this process import an app's sources as they are: `.tsx` and `.jsx` with Preact, and any TypeScript, where
 * Node itself knows only erasable syntax. Packages under node_modules are left to Node. From a checkout, the app's
 * `quintet` is our sources. Safe to call twice.
 */
export function registerLoader(): void {
  if (registered) return
  registered = true
  setSourceMapsSupport(true, { nodeModules: false, generatedCode: false })
  const fromSources = import.meta.url.endsWith('.ts')
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const ours = specifier === 'quintet' || specifier.startsWith('quintet/')
      if (!fromSources || !ours) return nextResolve(specifier, context)
      return nextResolve(specifier, { ...context, conditions: ['source', ...(context.conditions ?? [])] })
    },
    load(url, context, nextLoad) {
      const kind = /^file:.*\.(tsx|jsx|ts|mts)$/.exec(url)?.[1]
      if (!kind || url.includes('/node_modules/')) return nextLoad(url, context)
      if (kind === 'tsx' || kind === 'jsx') return transformed(url, kind)
      try {
        return nextLoad(url, context)
      } catch (error) {
        // enums and the like: correct TypeScript that Node can't erase
        if ((error as NodeJS.ErrnoException).code !== 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') throw error
        return transformed(url, 'ts')
      }
    },
  })
}

function transformed(url: string, loader: 'tsx' | 'jsx' | 'ts'): LoadFnOutput {
  const file = fileURLToPath(url)
  const { code } = esbuild()(readFileSync(file, 'utf8'), {
    loader,
    sourcefile: file,
    format: 'esm',
    target: 'node24',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    sourcemap: 'inline',
    logLevel: 'silent',
  })
  return { format: 'module', source: code, shortCircuit: true }
}

/** Loaded with the first file that needs it: most verbs never do. */
function esbuild(): typeof transformSync {
  return createRequire(import.meta.url)('esbuild').transformSync
}
