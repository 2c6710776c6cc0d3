import { expect, test } from 'vitest'
import { hostSet } from './host.ts'

test.each<[readonly string[], string, boolean]>([
  [[], 'any.test', true],
  [['example.org'], 'example.org', true],
  [['Example.org'], 'example.org:8443', true],
  [['example.org'], 'example.org.', true],
  [['example.org'], 'www.example.org', false],
  [['example.org'], 'example.org.evil.test', false],
  [['*.example.org'], 'www.example.org:443', true],
  [['*.example.org'], 'example.org', false],
  [['*.example.org'], 'badexample.org', false],
  [['[::1]'], '[::1]:8443', true],
])('the hosts %j have %s: %s', (list, host, expected) => expect(hostSet(list)(host)).toBe(expected))
