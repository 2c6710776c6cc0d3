import { array, assert, constantFrom, oneof, property, record, tuple } from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { partValue } from '../cache/index.ts'
import { addressSet, hostSet } from '../http/index.ts'
import type { RequestPart } from '../reads/index.ts'
import { type EdgeUnderTest, startEdge } from '../testing/edgeUnderTest.ts'
import { sendRaw } from '../testing/sendRaw.ts'
import { toWorker } from './forwardHeaders.ts'
import { type EdgeRequest, type Inbound, isRejection, readInbound } from './inbound.ts'
import { passedHeaders } from './passedHeaders.ts'

let t: EdgeUnderTest | undefined
afterEach(() => t?.close())

const admission = { trusted: addressSet(['10.0.0.0/8']), serves: hostSet([]) }

/** As Node reads a request's header lines. */
function parsed(rawHeaders: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase()
    const value = rawHeaders[index + 1] as string
    const before = headers[name]
    headers[name] = before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`
  }
  return headers
}

interface Raw {
  readonly query: string
  readonly lines: readonly (readonly [string, string])[]
  readonly peer: string
}

function inbound({ query, lines, peer }: Raw): Inbound {
  const rawHeaders = ['Host', 'a.test', ...lines.flat()]
  const headers = parsed(rawHeaders)
  const socket = { remoteAddress: peer }
  const request = { method: 'GET', url: `/p${query}`, rawHeaders, headers, socket, httpVersionMajor: 1 }
  const read = readInbound(request as unknown as EdgeRequest, admission)
  if (isRejection(read)) throw new Error(read.reason)
  return read
}

/** What code in a worker that looks at one part of this request gets to see. */
function seen(part: RequestPart, request: Inbound): unknown {
  const list = toWorker(request, { requestId: 'r' })
  const headers = parsed(list)
  const [kind, name = ''] = [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)]
  if (part === 'address') return headers['x-forwarded-for']
  if (part === 'protocol') return headers['x-forwarded-proto']
  if (kind === 'query')
    return name === '*' ? request.rawQuery : new URLSearchParams(`?${request.rawQuery}`).getAll(name)
  if (kind === 'cookie') {
    if (name === '*') return headers.cookie
    return (headers.cookie ?? '')
      .split(';')
      .map(pair => pair.trim())
      .filter(pair => pair.startsWith(`${name}=`))
  }
  if (name === '*') return Object.entries(headers).sort()
  return headers[name] ?? null
}

const plainLine = tuple(
  constantFrom(
    'Accept-Language',
    'accept-language',
    'X-A',
    'x_a',
    'Keep-Alive',
    'X-Forwarded-For',
    'x_forwarded_for',
    'X-Forwarded-Proto',
    'Forwarded',
    'X-Real-IP',
    'Range',
    'Accept-Encoding',
    'Content-Length',
    'Cookie',
    'Quintet-Explain',
    'Authorization',
  ),
  constantFrom('1', 'de', 's=1', 's=1; t=2', 'https', '10.1.1.1'),
)
const connectionLine = tuple(
  constantFrom('Connection', 'TE'),
  constantFrom('close', 'close, accept-language', 'X-A', 'authorization,accept-language', 'x-a'),
)
const line = oneof({ arbitrary: plainLine, weight: 2 }, connectionLine)
const raw = record({
  query: constantFrom('', '?', '??a=1', '?a=1', '?%61=1', '?a=1&utm=2', '?%=1', '?a=2&a=1'),
  lines: array(line, { maxLength: 5 }),
  peer: constantFrom('203.0.113.1', '10.0.0.1'),
})
/** Another request altogether, or the same one with something more: most holes are between two such. */
const pair = oneof(
  tuple(raw, raw),
  tuple(raw, array(line, { minLength: 1, maxLength: 2 })).map(([one, more]): [Raw, Raw] => [
    one,
    { ...one, lines: [...one.lines, ...more] },
  ]),
)
const part = constantFrom<RequestPart>(
  'address',
  'protocol',
  'query:a',
  'query:*',
  'cookie:s',
  'cookie:*',
  'header:*',
  'header:accept-language',
  'header:x-a',
  'header:x_a',
  'header:connection',
  'header:te',
  'header:x-forwarded-for',
  'header:x_forwarded_for',
  'header:x-real-ip',
  'header:forwarded',
  'header:range',
  'header:content-length',
  'header:accept-encoding',
  'header:cookie',
  'header:authorization',
  'header:host',
)

test('two requests that are filed alike in a part look alike to a worker that reads that part', () => {
  assert(
    property(pair, part, ([one, other], part) => {
      const [a, b] = [inbound(one), inbound(other)]
      if (partValue(part, a) === partValue(part, b)) expect(seen(part, a)).toEqual(seen(part, b))
    }),
    { numRuns: 20_000 },
  )
})

test('names with underscores, and what belongs to the connection, end at the edge', () => {
  const lines = ['Connection', 'close, X-Mine', 'x-mine', '1', 'X_Forwarded_For', '6.6.6.6', 'X-Kept', '1']
  expect(passedHeaders(lines, 'GET')).toEqual(['x-kept', '1'])
})

test('nobody gets a page made without a header that its client listed in Connection', async () => {
  t = await startEdge()
  const { worker, page, fetch, httpPort } = t
  worker.answer = (request, response) =>
    page(request.headers['accept-language'] ?? 'none', { parts: ['header:accept-language'] })(
      request,
      response,
    )
  const german = 'Accept-Language: de\r\nConnection: close, accept-language\r\n'
  await sendRaw(httpPort, `GET /p HTTP/1.1\r\nHost: a.test\r\n${german}\r\n`)
  expect((await fetch('/p', { headers: { 'accept-language': 'de' } })).text).toBe('de')
})
