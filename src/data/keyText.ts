import { createHash } from 'node:crypto'

const longestVerbatim = 64

/**
 * The form in which a column's wire text is compared between what was read and what changed: short text as it
 * is, longer text as a digest, so that neither stored dependencies nor the feed carry whole bodies.
 * Equal texts have equal forms; different texts have different forms (SHA-256, 128 bits kept).
 */
export function keyText(text: string): string {
  return text.length <= longestVerbatim && !text.startsWith('#')
    ? text
    : `#${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`
}
