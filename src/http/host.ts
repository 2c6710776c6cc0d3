/** Whether a host (lower case, with or without a port) is one of those listed. */
export type HostSet = (host: string) => boolean

/**
 * The set of hosts in a list of names: `example.org` is that name on any port, `*.example.org` any name below it. An
 * empty list has every host.
 */
export function hostSet(list: readonly string[]): HostSet {
  if (list.length === 0) return () => true
  const names = new Set<string>()
  const endings: string[] = []
  for (const item of list) {
    const name = item.toLowerCase()
    if (name.startsWith('*.')) endings.push(name.slice(1))
    else names.add(name)
  }
  return host => {
    // A fully qualified name may end in a dot.
    const name = host.replace(/:\d+$/, '').replace(/\.$/, '')
    return names.has(name) || endings.some(ending => name.endsWith(ending))
  }
}
