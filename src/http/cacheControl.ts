/** The directives of a `Cache-Control` header (RFC 9111 §5.2): lower-case names, unquoted values, `''` without one. */
export function parseCacheControl(header: string | undefined): ReadonlyMap<string, string> {
  const directives = new Map<string, string>()
  if (header === undefined) return directives
  for (const match of header.matchAll(/([\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;]*)))?/g)) {
    directives.set((match[1] as string).toLowerCase(), match[2] ?? match[3] ?? '')
  }
  return directives
}
