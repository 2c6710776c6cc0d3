import { expect, test } from 'vitest'
import { nearest } from './nearest.ts'

test('a typo finds the word that was meant', () => {
  expect(nearest('prot', ['pool', 'port', 'name'])).toBe('port')
  expect(nearest('prodction', ['base', 'development', 'production'])).toBe('production')
  expect(nearest('Status', ['status', 'settings'])).toBe('status')
})

test('a beginning finds the only word that begins so', () => {
  expect(nearest('prod', ['base', 'development', 'production'])).toBe('production')
  expect(nearest('pro', ['production', 'proxy-only'])).toBeUndefined()
})

test('a word unlike all others finds none', () => {
  expect(nearest('elephant', ['port', 'pool'])).toBeUndefined()
  expect(nearest('ab', [])).toBeUndefined()
})
