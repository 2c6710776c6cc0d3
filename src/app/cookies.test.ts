import { expect, test } from 'vitest'
import { Recorder } from '../reads/index.ts'
import { cookieJar } from './cookies.ts'

function jar(cookie?: string, protocol = 'http') {
  const recorder = new Recorder()
  const setCookies: string[] = []
  const headers = { cookie, 'x-forwarded-proto': protocol }
  const request = { headers, exchange: { recorder, position: null, setCookies } }
  return { cookies: cookieJar(request as never), recorder, setCookies }
}

test('a cookie is read as it was set, and its absence is a read too', () => {
  const { cookies, recorder } = jar('a=%C3%A9%20x; b="quoted"; c=100%; a=second')
  expect(['a', 'b', 'c', 'd'].map(cookies.get)).toEqual(['é x', 'quoted', '100%', undefined])
  expect(recorder.close().parts).toEqual(['cookie:a', 'cookie:b', 'cookie:c', 'cookie:d'])
})

test('cookies are careful by default', () => {
  const { cookies, setCookies } = jar(undefined, 'https')
  cookies.set('theme', 'dark; blue', { maxAge: 60.5 })
  cookies.set('open', '1', { httpOnly: false, sameSite: 'none', path: '/app' })
  cookies.delete('old')
  expect(setCookies).toEqual([
    'theme=dark%3B%20blue; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    'open=1; Path=/app; SameSite=None; Secure',
    'old=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
  ])
})

test('nothing can be smuggled into the header', () => {
  const { cookies } = jar()
  expect(() => cookies.set('a=b', 'x')).toThrow("can't be a cookie's name")
  expect(() => cookies.set('a', 'x', { path: '/; Domain=evil' })).toThrow("can't be a cookie's path")
})
