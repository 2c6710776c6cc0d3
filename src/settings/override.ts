import { errors } from './errors.ts'
import { type Branch, overlay, toTree } from './tree.ts'

/** Reads `edge.http.port=9000`: JSON where the value is JSON, text otherwise. Throws SETTINGS_BAD_OVERRIDE. */
export function overrideTree(texts: readonly string[]): Branch {
  let tree: Branch = new Map()
  for (const text of texts) {
    const match = /^([\w-]+(?:\.[\w-]+)*)=(.*)$/s.exec(text)
    if (!match) throw errors.SETTINGS_BAD_OVERRIDE({ text })
    const [, name = '', value = ''] = match
    const input = name.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), parsed(value))
    tree = overlay(tree, toTree(input as object, '--set', {}))
  }
  return tree
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value)
  } catch {
    return value
  }
}
