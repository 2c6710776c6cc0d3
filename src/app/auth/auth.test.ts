import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blog } from '../fixtures/blog.tsx'
import { form, recordOf, type Served, serveApp } from '../fixtures/serve.ts'

let served: Served
beforeAll(async () => {
  served = await serveApp(blog)
})
afterAll(() => served.close())

const password = 'correct horse battery'
const inject = (request: InjectOptions | string) => served.server.inject(request)
const post = (
  url: string,
  body: object,
  headers: Record<string, string> = {},
  method: 'POST' | 'PUT' = 'POST',
) =>
  inject({
    method,
    url,
    payload: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
const cookieOf = (response: { headers: Record<string, unknown> }): string =>
  String(response.headers['set-cookie']).split(';')[0] ?? ''

test('a form signs up, the cookie shows the page, signing out ends it', async () => {
  const signedUp = await inject(form('/register', { email: 'Ann@Example.org', username: 'ann', password }))
  expect([signedUp.statusCode, signedUp.headers.location]).toEqual([303, '/me'])
  expect(String(signedUp.headers['set-cookie'])).toMatch(
    /^session=[\w.%-]+; Path=\/; Max-Age=25\d{5}; HttpOnly; SameSite=Lax$/,
  )
  expect(recordOf(signedUp).vetoes).toContain('Set-Cookie')
  const cookie = cookieOf(signedUp)

  const me = await inject({ url: '/me', headers: { cookie } })
  expect(me.body).toContain('Hello ann')
  const record = recordOf(me)
  expect(record).toMatchObject({ vetoes: [], wrote: null, parts: ['cookie:session', 'protocol'] })
  expect(record.dependencies.map(one => [one.table, Object.keys(one.equals)])).toEqual([
    ['public.sessions', ['token']],
    ['public.users', ['id']],
  ])
  const { rows } = await served.outside.query<{ ends: string }>(
    `select extract(epoch from expires_at) * 1000 as ends from sessions join users u on u.id = user_id where username = 'ann'`,
  )
  expect(record.endsAt).toBe(Math.round(Number(rows[0]?.ends)))

  const out = await inject(form('/login?action=out', {}, cookie))
  expect(String(out.headers['set-cookie'])).toMatch(/^session=; Path=\/; Max-Age=0/)
  expect((await inject({ url: '/me', headers: { cookie } })).headers.location).toBe('/login')
})

test('over HTTPS the cookie is Secure', async () => {
  const request = form('/register', { email: 's@example.org', username: 'sam', password })
  const response = await inject({ ...request, headers: { ...request.headers, 'x-forwarded-proto': 'https' } })
  expect(String(response.headers['set-cookie'])).toMatch(/; Secure$/)
})

test('a forged or expired session is nobody', async () => {
  const { token } = (await post('/api/users', { email: 'f@example.org', username: 'fay', password })).json()
  const ask = (headers: Record<string, string>) => inject({ url: '/api/user', headers })
  expect((await ask({ cookie: `session=${token}` })).statusCode).toBe(401)
  expect((await ask({ cookie: `session=${token}.${'A'.repeat(43)}` })).statusCode).toBe(401)
  expect((await ask({ authorization: `Token ${token}` })).json()).toEqual({ username: 'fay' })
  await served.outside.query(
    `update sessions set expires_at = now() - interval '1 second' where token = $1`,
    [token],
  )
  expect((await ask({ authorization: `Token ${token}` })).statusCode).toBe(401)
})

test('routes take the token by the app’s scheme and by Bearer, and set no cookie', async () => {
  const signedUp = await post('/api/users', { email: 'b@example.org', username: 'bob', password })
  expect(signedUp.statusCode).toBe(201)
  expect(signedUp.headers['set-cookie']).toBeUndefined()
  const { token } = signedUp.json()
  for (const [authorization, status] of [
    [`Token ${token}`, 200],
    [`bearer ${token}`, 200],
    [`Basic ${token}`, 401],
    ['Token', 401],
    [`Token ${token}x`, 401],
  ] as const) {
    const response = await inject({ url: '/api/user', headers: { authorization } })
    expect([authorization, response.statusCode]).toEqual([authorization, status])
  }
  const nobody = await inject('/api/user')
  expect(nobody.json().errors).toEqual({ token: ['is missing'] })
  expect(nobody.headers['www-authenticate']).toBe('Token')
})

test('what is taken is named, all at once', async () => {
  await post('/api/users', { email: 'taken@example.org', username: 'taken', password })
  const again = await post('/api/users', { email: 'TAKEN@example.org', username: 'taken', password })
  expect([again.statusCode, again.json().errors]).toEqual([
    409,
    { email: ['has already been taken'], username: ['has already been taken'] },
  ])
  const page = await inject(form('/register', { email: 'other@example.org', username: 'taken', password }))
  expect(page.statusCode).toBe(409)
  expect(page.body).toContain('has already been taken')
  expect(page.body).not.toContain(password)
})

test('two who choose one name at the same moment: one gets it, the other hears why', async () => {
  const answers = await Promise.all(
    [1, 2, 3].map(n => post('/api/users', { email: `r${n}@example.org`, username: 'race', password })),
  )
  expect(answers.map(answer => answer.statusCode).sort()).toEqual([201, 409, 409])
  const { rows } = await served.outside.query(`select 1 from users where email like 'r_@example.org'`)
  expect(rows).toHaveLength(1)
})

test('weak passwords and bad addresses are refused', async () => {
  const short = await post('/api/users', { email: 'w@example.org', username: 'w', password: 'short' })
  expect([short.statusCode, short.json().errors]).toEqual([
    422,
    { password: ['is too short (minimum is 8 characters)'] },
  ])
  const bad = await post('/api/users', { email: 'nowhere', username: 'w', password })
  expect([bad.statusCode, bad.json().errors]).toEqual([422, { email: ['is invalid'] }])
})

test('a wrong password or address signs nobody in', async () => {
  await post('/api/users', { email: 'l@example.org', username: 'lee', password })
  for (const [email, given, status] of [
    ['l@example.org', password, 303],
    ['L@Example.org', password, 303],
    ['l@example.org', 'wrong password', 422],
    ['x@example.org', password, 422],
    ['nonsense', password, 422],
  ] as const) {
    const response = await inject(form('/login', { email, password: given }))
    expect([email, response.statusCode]).toEqual([email, status])
  }
})

test('guessing is answered with 429 before the password is looked at, also when it is right', async () => {
  await post('/api/users', { email: 'g@example.org', username: 'gus', password })
  const from = { 'x-forwarded-for': '203.0.113.99' }
  const login = (given: string) => {
    const request = form('/login', { email: 'g@example.org', password: given })
    return inject({ ...request, headers: { ...request.headers, ...from } })
  }
  const guesses = await Promise.all(Array.from({ length: 12 }, () => login('a wrong guess')))
  expect(guesses.map(answer => answer.statusCode).sort()).toEqual([...Array(10).fill(422), 429, 429])
  const right = await login(password)
  expect([right.statusCode, right.headers['set-cookie']]).toEqual([429, undefined])
  expect(Number(right.headers['retry-after'])).toBeGreaterThan(50)
  expect(right.body).toContain('too many attempts')
})

test('whoever signs in takes along what has expired, though not each time', async () => {
  const fresh = await serveApp(blog)
  const ask = (text: string) => fresh.outside.query(text)
  const left = async () =>
    (
      await ask(`select user_agent as what from sessions where user_agent like 'was %'
      union all select identifier from verifications order by 1`)
    ).rows.map(row => row.what)
  const add = (what: string, ends: string) =>
    ask(`insert into sessions (token, user_id, expires_at, user_agent)
      select '${what}', id, now() + interval '${ends}', 'was ${what}' from users limit 1`)
  const signIn = (name: string) =>
    fresh.server.inject(form('/login', { email: `${name}@example.org`, password }))
  try {
    await ask(`insert into users (email, username) values ('seed@example.org', 'seed')`)
    await add('over', '-1 second')
    await add('running', '1 hour')
    await ask(`insert into verifications (identifier, value, expires_at)
      values ('over', '', now() - interval '1 day'), ('running', '', now() + interval '1 day')`)
    await fresh.server.inject(form('/register', { email: 'e@example.org', username: 'eve', password }))
    expect(await left()).toEqual(['running', 'was running'])
    await add('later', '-1 second')
    expect((await signIn('e')).statusCode).toBe(303)
    expect(await left()).toEqual(['running', 'was later', 'was running'])
  } finally {
    await fresh.close()
  }
})

test('a new password ends the other sessions', async () => {
  const { token } = (await post('/api/users', { email: 'p@example.org', username: 'pat', password })).json()
  const elsewhere = cookieOf(await inject(form('/login', { email: 'p@example.org', password })))
  const authorization = `Token ${token}`
  const change = (old: string, next: string) =>
    post('/api/user', { old, password: next }, { authorization }, 'PUT')
  expect((await change('wrong', 'another password')).statusCode).toBe(422)
  expect((await change(password, 'short')).statusCode).toBe(422)
  expect((await change(password, 'another password')).json()).toEqual({ changed: true })
  expect((await inject({ url: '/api/user', headers: { authorization } })).statusCode).toBe(200)
  expect((await inject({ url: '/me', headers: { cookie: elsewhere } })).statusCode).toBe(303)
  expect((await inject(form('/login', { email: 'p@example.org', password }))).statusCode).toBe(422)
  expect(
    (await inject(form('/login', { email: 'p@example.org', password: 'another password' }))).statusCode,
  ).toBe(303)
})

test('passwords are kept as scrypt hashes, sessions know their client', async () => {
  await inject({
    ...form('/register', { email: 'h@example.org', username: 'hal', password }),
    headers: { ...form('/', {}).headers, 'user-agent': 'Firefox', 'x-forwarded-for': '203.0.113.7' },
  })
  const { rows } = await served.outside.query(
    `select a.password, s.user_agent, s.ip_address from users u join accounts a on a.user_id = u.id
     join sessions s on s.user_id = u.id where username = 'hal'`,
  )
  expect(rows).toEqual([
    {
      password: expect.stringMatching(/^[0-9a-f]{32}:[0-9a-f]{128}$/),
      user_agent: 'Firefox',
      ip_address: '203.0.113.7',
    },
  ])
})
