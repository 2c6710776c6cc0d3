export { type Encoding, isCompressible, negotiateEncoding } from './accept.ts'
export { type AddressSet, addressSet, normalAddress } from './address.ts'
export { parseCacheControl } from './cacheControl.ts'
export { type CacheStatus, formatCacheStatus } from './cacheStatus.ts'
export { contentWord, matchesStrongly, noneMatches, strongETag } from './etag.ts'
export {
  clientAddress,
  type ForwardedHop,
  formatForwarded,
  parseForwarded,
  parseForwardedFor,
} from './forwarded.ts'
export { connectionNames } from './hopByHop.ts'
export { type HostSet, hostSet } from './host.ts'
export { cookieValues, headerValues, queryValues, withoutCookie } from './occurrences.ts'
export { type ByteRange, parseRange } from './range.ts'
