import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cookieValues, queryValues } from '../http/index.ts'
import { Recorder } from '../reads/index.ts'
import { createContext } from './requestContext.ts'

function contextOf(url: string, headers: Record<string, string> = {}) {
  const recorder = new Recorder()
  const request = {
    raw: { url },
    headers,
    params: {},
    exchange: { recorder, position: null, setCookies: [], ranApp: false },
  }
  return { recorder, context: createContext(request as never, {} as never, {} as never, 'html') }
}

/** Texts of what gives parsers something to disagree about. */
const textOf = (...pieces: string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom('a', 'b')), { maxLength: 12 })
    .map(all => all.join(''))
const queries = fc
  .tuple(
    fc.constantFrom('', '?', '??'),
    textOf('?', '&', '=', '+', '%61', '%', '%zz', '%E9', '%C3%A9', '%3F', '%EF%BB%BF', 'a=', '&a', ';', ','),
  )
  .map(parts => parts.join(''))
const queryNames = fc.constantFrom('a', 'b', '?a', 'ab', '', ' ', 'é', '\ufffd', '%', '%zz')
const cookieHeaders = textOf(';', '=', ' ', '"', '%', '%61', '%zz', '%C3%A9', ',', '\t', 'a=', '; a=', ';;')
const cookieNames = fc.constantFrom('a', 'b', 'ab', '', ' ', 'a=b', '"a"', '%61', 'a ')

test('what code sees of a query parameter is told by the raw occurrences that stored pages are told apart by', () => {
  fc.assert(
    fc.property(queries, queryNames, (query, name) => {
      const seen = (raw: string) => contextOf(`/list?${raw}`).context.query.all(name)
      expect(seen(queryValues(query, name).join('&'))).toEqual(seen(query))
    }),
    { numRuns: 2_000 },
  )
})

test('a question mark at the front of the query belongs to the first name', () => {
  const { query } = contextOf('/list??page=2').context
  expect([query.get('page'), query.get('?page'), query.entries()]).toEqual([undefined, '2', [['?page', '2']]])
})

test('what code sees of a cookie is told by the raw occurrences that stored pages are told apart by', () => {
  fc.assert(
    fc.property(cookieHeaders, cookieNames, (cookie, name) => {
      const seen = (raw: string) => contextOf('/', { cookie: raw }).context.cookies.get(name)
      const alone = cookieValues(cookie, name).map(value => `${name}=${value}`)
      expect(seen(alone.join(';'))).toBe(seen(cookie))
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['forwarded', ['address', 'protocol']],
  ['X-Forwarded-For', ['address']],
  ['x-forwarded-proto', ['protocol']],
  ['x-forwarded-host', []],
  ['host', []],
  ['cookie', ['cookie:*']],
  ['Accept', ['header:accept']],
  ['constructor', ['header:constructor']],
  ['quintet-request-id', []],
])('the header %s is recorded as the parts %j', (name, parts) => {
  const { context, recorder } = contextOf('/')
  context.headers.get(name)
  expect(recorder.close().parts).toEqual(parts)
})
