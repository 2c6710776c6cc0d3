/**
 * The candidate that `word` was meant to be: the closest by edit distance, if that is close enough, or else the only
 * one that begins with it.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates]
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of all) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  const begun = word.length < 2 ? [] : all.filter(one => one.toLowerCase().startsWith(word.toLowerCase()))
  return best ?? (begun.length === 1 ? begun[0] : undefined)
}

/** Insertions, deletions, substitutions and swaps of neighbours ("prot" for "port"), one row at a time. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? (before[j - 2] ?? 0) + 1 : substitution
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution, swap))
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}
