import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { developmentCertificate } from './development.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'quintet-tls-')), 'tls')
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

test('it is for localhost, signed by its own authority, readable by this user only, and kept', async () => {
  const made = await developmentCertificate(folder)
  const leaf = new X509Certificate(made.cert)
  expect(leaf.checkHost('localhost')).toBe('localhost')
  expect(leaf.subjectAltName).toContain('DNS:*.localhost')
  for (const ip of ['127.0.0.1', '::1']) expect(leaf.checkIP(ip)).toBeDefined()
  const authority = new X509Certificate(await readFile(made.authorityPath as string))
  expect(leaf.verify(authority.publicKey)).toBe(true)
  expect(authority.ca && !leaf.ca).toBe(true)
  for (const name of ['authority.key', 'localhost.key', 'localhost.pem'])
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  expect(await developmentCertificate(folder)).toEqual(made)
})

test('it is renewed a week before it expires, by the same authority', async () => {
  const now = Date.now()
  const first = await developmentCertificate(folder, now)
  const later = await developmentCertificate(folder, now + 84 * 86_400_000)
  expect(later.cert).not.toBe(first.cert)
  const authority = new X509Certificate(await readFile(first.authorityPath as string))
  expect(new X509Certificate(later.cert).verify(authority.publicKey)).toBe(true)
})

test('damaged files are replaced', async () => {
  await developmentCertificate(folder)
  await writeFile(join(folder, 'localhost.key'), 'nonsense')
  const again = await developmentCertificate(folder)
  expect(again.key).toContain('PRIVATE KEY')
})
