import { inspect } from 'node:util'
import type { Leaf } from './tree.ts'

const masked = '••••••••'
/** Settings that are secret whatever they come from. */
const secretNames = new Set(['secret'])

/** A value as it may be printed: secrets masked, URLs without their password. */
export function show(name: string, leaf: Leaf): string {
  if (name === 'database.url') return `'${withoutPassword(leaf.value)}'`
  if (leaf.secret || secretNames.has(name)) return masked
  return inspect(plain(leaf.value), { depth: 4, breakLength: Number.POSITIVE_INFINITY })
}

/** A message with a secret's value taken out. */
export function shown(message: string, leaf: Leaf): string {
  return leaf.secret && typeof leaf.value === 'string' && leaf.value !== ''
    ? message.replaceAll(leaf.value, masked)
    : message
}

/** Any text in which a URL's password may stand; what can't be read as a URL is masked whole. */
function withoutPassword(value: unknown): string {
  const url = URL.parse(String(value))
  if (!url?.href.startsWith(`${url.protocol}//`)) return masked
  if (url.password !== '') url.password = 'masked'
  for (const name of url.searchParams.keys())
    if (/pass|secret|token|key/i.test(name)) url.searchParams.set(name, 'masked')
  return url.href.replace(':masked@', `:${masked}@`).replaceAll('=masked', `=${masked}`)
}

/** URLs inside other values, an app's own settings first of all, lose their passwords as well. */
function plain(value: unknown): unknown {
  if (typeof value === 'string' && /^[a-z][a-z0-9+.-]*:\/\/[^/]*:[^/]*@/i.test(value))
    return withoutPassword(value)
  return Array.isArray(value) ? value.map(plain) : value
}
