import { expect, test } from 'vitest'
import { addressSet, normalAddress } from './address.ts'
import { clientAddress, formatForwarded, parseForwarded, parseForwardedFor } from './forwarded.ts'

const trusted = addressSet(['10.0.0.0/8', '::1', '192.0.2.7', '2001:db8::/32'])

test.each<[string, boolean]>([
  ['10.1.2.3', true],
  ['11.1.2.3', false],
  ['::ffff:10.1.2.3', true],
  ['::1', true],
  ['192.0.2.7', true],
  ['192.0.2.8', false],
  ['2001:db8:1::5', true],
  ['not an address', false],
])('%s is trusted: %s', (address, expected) => expect(trusted(address)).toBe(expected))

test.each<[string, string | undefined]>([
  ['1.2.3.4:80', '1.2.3.4'],
  ['[2001:DB8::1]:443', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['unknown', undefined],
  ['[::1', undefined],
])('%s reads %s', (text, expected) => expect(normalAddress(text)).toBe(expected))

test.each<[string, string, string, string]>([
  ['a client of its own header is not believed', '203.0.113.9', '1.2.3.4', '203.0.113.9'],
  ['a trusted proxy is', '10.0.0.1', '1.2.3.4', '1.2.3.4'],
  ['the right-most untrusted wins over a spoof', '10.0.0.1', '6.6.6.6, 1.2.3.4, 10.0.0.2', '1.2.3.4'],
  ['all trusted: the left-most', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
  ['an unreadable hop ends it', '10.0.0.1', '1.2.3.4, unknown, 10.0.0.2', '10.0.0.2'],
  ['nothing reported', '10.0.0.1', '', '10.0.0.1'],
  ['an IPv4-mapped peer', '::ffff:10.0.0.1', '1.2.3.4', '1.2.3.4'],
])('%s', (_, peer, header, expected) => {
  expect(clientAddress(peer, parseForwardedFor(header), trusted)).toBe(expected)
})

test.each<[string, ReturnType<typeof parseForwarded>]>([
  ['for=1.2.3.4', [{ for: '1.2.3.4' }]],
  [
    'For="[2001:db8::1]:47";proto=https, for=10.0.0.1',
    [{ for: '[2001:db8::1]:47', proto: 'https' }, { for: '10.0.0.1' }],
  ],
  ['for="a\\"b"', [{ for: 'a"b' }]],
  ['for="open', undefined],
  ['nonsense', undefined],
])('Forwarded: %s', (header, expected) => expect(parseForwarded(header)).toEqual(expected))

test('a written hop reads back', () => {
  const text = formatForwarded({ for: '2001:db8::1', host: 'a:8080', proto: 'https' })
  expect(text).toBe('for="[2001:db8::1]";host="a:8080";proto=https')
  expect(parseForwarded(text)).toEqual([{ for: '[2001:db8::1]', host: 'a:8080', proto: 'https' }])
})
