import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** PEM texts for node:tls, and where the authority that a browser may be told to trust lies. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  readonly authorityPath?: string
}

const dayMs = 86_400_000
const renewBeforeMs = 7 * dayMs
const leafMs = 90 * dayMs
const authorityMs = 3650 * dayMs
const names = ['localhost', '*.localhost', '127.0.0.1', '::1']

/**
 * The certificate of a developer's machine: a leaf for localhost signed by an authority of its own, so that trusting
 * `authority.pem` once outlives the leaf's renewals. Both are kept in `folder` (mode 0700, files 0600) and renewed a
 * week before they expire.
 */
export async function developmentCertificate(folder: string, now = Date.now()): Promise<TlsFiles> {
  const path = (name: string): string => join(folder, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await chmod(folder, 0o700)

  let authority = await readPair(path('authority.pem'), path('authority.key'), now)
  let leaf = await readPair(path('localhost.pem'), path('localhost.key'), now)
  if (!authority) {
    authority = await makeAuthority(now)
    await keep(path('authority.pem'), authority.cert)
    await keep(path('authority.key'), authority.key)
    leaf = undefined
  }
  if (leaf && !isSignedBy(leaf.cert, authority.cert)) leaf = undefined
  if (!leaf) {
    leaf = await makeLeaf(authority, now)
    await keep(path('localhost.pem'), leaf.cert)
    await keep(path('localhost.key'), leaf.key)
  }
  return { cert: `${leaf.cert}\n${authority.cert}\n`, key: leaf.key, authorityPath: path('authority.pem') }
}

interface Pair {
  readonly cert: string
  readonly key: string
}

/** A certificate and its key from disk, unless they are missing, damaged, don't belong together or soon expire. */
async function readPair(certPath: string, keyPath: string, now: number): Promise<Pair | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(certPath, 'utf8'), readFile(keyPath, 'utf8')])
    const parsed = new X509Certificate(cert)
    const usable =
      parsed.checkPrivateKey(createPrivateKey(key)) && Date.parse(parsed.validTo) - renewBeforeMs > now
    return usable ? { cert, key } : undefined
  } catch {
    return undefined
  }
}

function isSignedBy(cert: string, authority: string): boolean {
  return new X509Certificate(cert).verify(new X509Certificate(authority).publicKey)
}

/** Written beside and renamed, so that a reader never sees half a file. */
async function keep(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}`
  await writeFile(beside, text, { mode: 0o600 })
  await rename(beside, path)
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

async function library(): Promise<typeof import('@peculiar/x509')> {
  await import('./reflectMetadata.ts')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(crypto)
  return x509
}

async function newKeys(): Promise<{ keys: CryptoKeyPair; pem: string }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return { keys, pem: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n` }
}

async function makeAuthority(now: number): Promise<Pair> {
  const x509 = await library()
  const { keys, pem } = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=Quintet development ${randomBytes(3).toString('hex')}`,
    serialNumber: serial(),
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + authorityMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: certificate.toString('pem'), key: pem }
}

async function makeLeaf(authority: Pair, now: number): Promise<Pair> {
  const x509 = await library()
  const { keys, pem } = await newKeys()
  const issuer = new x509.X509Certificate(authority.cert)
  const issuerKey = Buffer.from(authority.key.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: issuer.subject,
    serialNumber: serial(),
    notBefore: new Date(now - dayMs),
    notAfter: new Date(now + leafMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: await crypto.subtle.importKey('pkcs8', issuerKey, algorithm, false, ['sign']),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map(value => ({ type: /^[\d.]+$|:/.test(value) ? ('ip' as const) : ('dns' as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { cert: certificate.toString('pem'), key: pem }
}

/** A positive serial number of 16 bytes (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40
  return bytes.toString('hex')
}
