import { BlockList, isIP } from 'node:net'

/** Whether an address is one of those listed. */
export type AddressSet = (address: string) => boolean

/**
 * The set of addresses in a list of addresses and CIDR blocks (`10.0.0.0/8`, `::1`). An IPv4 address written as
 * IPv6 (`::ffff:10.0.0.1`) counts as the IPv4 address. Entries that are neither are ignored: settings check them.
 */
export function addressSet(list: readonly string[]): AddressSet {
  if (list.length === 0) return () => false
  const blocks = new BlockList()
  for (const item of list) {
    const slash = item.indexOf('/')
    const address = normalAddress(slash === -1 ? item : item.slice(0, slash))
    if (address === undefined) continue
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (slash === -1) blocks.addAddress(address, family)
    else blocks.addSubnet(address, Number(item.slice(slash + 1)), family)
  }
  return address => {
    const normal = normalAddress(address)
    return normal !== undefined && blocks.check(normal, isIP(normal) === 6 ? 'ipv6' : 'ipv4')
  }
}

/**
 * An address as it is compared: without brackets, port and zone, lower case, IPv4 in IPv6 as IPv4; undefined for
 * anything that is not an IP address (`unknown`, `_hidden`, a name).
 */
export function normalAddress(text: string): string | undefined {
  let address = text.trim()
  if (address.startsWith('[')) {
    const close = address.indexOf(']')
    if (close === -1) return undefined
    address = address.slice(1, close)
  } else if (address.includes('.') && address.split(':').length === 2) {
    address = address.slice(0, address.indexOf(':'))
  }
  const zone = address.indexOf('%')
  if (zone !== -1) address = address.slice(0, zone)
  address = address.toLowerCase()
  if (address.startsWith('::ffff:') && isIP(address.slice(7)) === 4) return address.slice(7)
  return isIP(address) === 0 ? undefined : address
}
