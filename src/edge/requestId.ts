import { randomBytes } from 'node:crypto'

const process = randomBytes(6).toString('base64url')
let count = 0

/** A short word for one request, unique among all edges: this process's own, then a count. */
export function newRequestId(): string {
  count = (count + 1) % Number.MAX_SAFE_INTEGER
  return `${process}-${count.toString(36)}`
}
