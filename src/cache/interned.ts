/** Most lists and words kept; past it all are forgotten and the next ones begin anew. */
const mostKept = 10_000
/** A longer list is left as it is: it is hardly ever met twice. */
const longestKept = 4_096

const lists = new Map<string, readonly string[]>()

/**
 * The first list that was equal to this one, so that a thousand entries with the same headers, parts or columns hold
 * one list and not a thousand copies. Nobody may change it.
 */
export function interned(list: readonly string[]): readonly string[] {
  let length = 0
  for (const word of list) length += word.length + 1
  if (length > longestKept) return list
  const name = list.join('\n')
  const known = lists.get(name)
  // Words may hold line breaks: another list may have the same name.
  if (known !== undefined) return same(known, list) ? known : list
  if (lists.size >= mostKept) lists.clear()
  lists.set(name, list)
  return list
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((word, index) => word === other[index])
}
